internal import ArgumentParser
internal import Experiments
internal import Foundation

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what a checkpoint, adapter, run, statistics or vector holds.",
        discussion: """
            Names, shapes, formats, sizes, metadata and configuration. Only headers are read, so \
            models of any size are looked at in an instant.

            Examples:
              merganser inspect models/all-MiniLM-L6-v2
              merganser inspect model-00001-of-00004.safetensors
              merganser inspect runs/debtags --json
            """
    )

    @Argument(
        help: ArgumentHelp(
            "A safetensors file, its index, or the directory of a model, adapter or run.",
            valueName: "path"
        ),
        completion: .file()
    )
    var path: String

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let inspection = try Inspections.of(URL(filePath: path))
        try show(inspection)
    }

    private func show(_ inspection: some Inspection) throws {
        try global.show(inspection) { inspection.text(width: $0) }
    }
}
