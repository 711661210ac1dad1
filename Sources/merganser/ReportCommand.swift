internal import ArgumentParser
internal import Experiments
internal import Foundation

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write one page of runs and experiments: tables, plots, recipes, hashes.",
        discussion: """
            RUNS are directories that learn or ablate has written. The page is one file: it needs no \
            network, and opens in any browser.

            Examples:
              merganser report runs/agreement --output agreement.html
              merganser report runs/entropy runs/agreement --output comparison.html
              merganser report runs/ablation --output ablation.html
            """
    )

    @Argument(help: "Directories of runs, or of an experiment's results.", completion: .directory)
    var runs: [String]

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The file to write.", valueName: "file"),
        completion: .file(extensions: ["html"])
    )
    var output: String

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let contents = try Report.write(
            runs.map { URL(filePath: $0) },
            to: URL(filePath: output)
        )
        try global.show(contents) { _ in "Wrote \(contents.file).\n" }
    }
}
