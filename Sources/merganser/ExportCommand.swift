internal import ArgumentParser
internal import Experiments
internal import Foundation

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the merged checkpoint of a run.",
        discussion: """
            OUTPUT becomes a Hugging Face model directory: the base's tensors and configuration, \
            merged, with a model card and a mergekit recipe. With --task, that task's expert's \
            class, names and classifier, ready for from_pretrained; a head that the recipe names \
            takes the classifier's place. Behind a model without classifier, as CLIP's, it is left \
            out.

            Examples:
              merganser export runs/agreement merged
              merganser export runs/agreement merged-role --task role
            """
    )

    @Argument(help: "A run directory.", completion: .directory)
    var source: String

    @Argument(help: "The directory to write.", completion: .directory)
    var output: String

    @Option(help: ArgumentHelp("Write the model of this task, with its head.", valueName: "name"))
    var task: String?

    @OptionGroup var layout: OutputArguments
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let workers = global.startComputing()
        let written = try global.observing { observer in
            try Export.run(
                RunDirectory(URL(filePath: source)),
                task: task,
                to: URL(filePath: output),
                layout.options,
                command: CommandLine.arguments,
                workers: workers,
                observer: observer
            )
        }
        try global.show(WrittenSummary(written)) { _ in WrittenSummary(written).sentence }
    }
}
