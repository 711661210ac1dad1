internal import ArgumentParser
internal import Experiments
internal import Foundation

struct AblateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ablate",
        abstract: "Run an experiment: a recipe along axes, and analyses around it.",
        discussion: """
            RUNS is a directory that receives every run, results.csv and results.jsonl, tables in \
            Markdown and LaTeX, plots as SVG, and report.html. What is there already is not run again, \
            so the same command continues after whatever stopped it; several processes, also on \
            several machines that share the directory, never make the same run twice.

            Examples:
              merganser ablate experiments/debtags/experiment.yml runs/ablation
              merganser ablate experiment.yml runs/quick --set parameters.steps=10
              merganser ablate experiment.yml runs/all --shard 3/8 --threads 4
            """
    )

    @Argument(help: "The experiment.", completion: .file(extensions: ["yml", "yaml"]))
    var experiment: String

    @Argument(
        help: ArgumentHelp("The directory of the results.", valueName: "runs"),
        completion: .directory
    )
    var directory: String

    @Option(
        help: ArgumentHelp(
            "Make the i-th of n parts of the runs, for an array job of a scheduler.",
            valueName: "i/n"
        )
    )
    var shard: Shard?

    @Option(
        help: ArgumentHelp(
            "How many runs are made at a time; by default as many as cores and memory allow.",
            valueName: "n"
        )
    )
    var jobs: Int?

    @Flag(help: "Keep the models of merges by rule.")
    var keepModels = false

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Override a key of the experiment's recipe; as often as needed.",
            valueName: "key.path=value"
        )
    )
    var overrides: [String] = []

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if let jobs, !(1...1024).contains(jobs) {
            throw ValidationError("--jobs is \(jobs), but must be between 1 and 1024.")
        }
    }

    func run() throws {
        let workers = global.startComputing()
        let experiment = try Experiment(
            contentsOf: URL(filePath: experiment),
            overrides: overrides + (global.seed.map { ["seed=\($0)"] } ?? [])
        )
        var options = Ablation.Options()
        options.shard = shard.map { (index: $0.index, count: $0.count) }
        (options.jobs, options.keepsModels) = (jobs, keepModels)
        let results = try global.observing { observer in
            try Ablation.run(
                experiment,
                in: URL(filePath: directory),
                options,
                workers: workers,
                command: CommandLine.arguments,
                observer: observer
            )
        }
        try global.show(results) { width in
            let missing =
                results.missing == 0
                ? ""
                : "\(results.missing) runs and analyses are missing, which other shards make.\n"
            return results.text(width: width) + "\n" + missing
                + "The page is \(results.directory.report.path).\n"
        }
    }
}

/// A part of the runs, written `3/8`.
struct Shard: ExpressibleByArgument {
    let index, count: Int

    init?(argument: String) {
        let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let index = Int(parts[0]), let count = Int(parts[1]),
            count >= 1, (1...count).contains(index)
        else { return nil }
        (self.index, self.count) = (index, count)
    }

    var defaultValueDescription: String { "\(index)/\(count)" }
}
