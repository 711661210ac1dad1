internal import ArgumentParser
internal import Checkpoints
internal import Experiments
internal import Foundation
internal import Presentation

struct MergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Merge models by a recipe: any method, mergekit's YAML.",
        discussion: """
            OUTPUT becomes a Hugging Face model directory. For a method that learns this is learn \
            and then export; the run stays in OUTPUT.run.

            Examples:
              merganser merge mergekit_config.yml merged
              merganser merge recipe.yml merged --set parameters.lambda=0.4 --shard-size 2GB
            """
    )

    @Argument(help: "The recipe.", completion: .file())
    var recipe: String

    @Argument(help: "The directory to write.", completion: .directory)
    var output: String

    @OptionGroup var changes: RecipeArguments
    @OptionGroup var layout: OutputArguments
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let workers = global.startComputing()
        let recipe = try changes.recipe(recipe, global)
        let target = URL(filePath: output)
        let written = try global.observing { observer in
            guard recipe.learning != nil else {
                return try Merge.run(
                    recipe,
                    to: target,
                    layout.options,
                    workers: workers,
                    command: CommandLine.arguments,
                    observer: observer
                )
            }
            try OutputDirectory.check(target)
            let run = URL(filePath: target.standardizedFileURL.path + ".run")
            _ = try Learning.run(
                recipe,
                in: run,
                workers: workers,
                command: CommandLine.arguments,
                observer: observer
            )
            return try Export.run(
                RunDirectory(run),
                task: nil,
                to: target,
                layout.options,
                command: CommandLine.arguments,
                workers: workers,
                observer: observer
            )
        }
        try global.show(WrittenSummary(written)) { _ in WrittenSummary(written).sentence }
    }
}

/// What a command says of a model that it wrote.
struct WrittenSummary: Encodable {
    let directory: String
    let tensors: Int
    let elements: Int

    init(_ written: WrittenModel) {
        directory = written.directory.path
        (tensors, elements) = (written.tensors, written.elements)
    }

    var sentence: String {
        "Wrote \(NumberText.grouped(tensors)) tensors, \(NumberText.grouped(elements)) elements, "
            + "to \(directory).\n"
    }
}
