internal import ArgumentParser
internal import Experiments
internal import Foundation
internal import Merging
internal import Presentation
internal import Tasks

struct LearnCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "learn",
        abstract: "Learn merge coefficients from unlabeled data.",
        discussion: """
            RUN is a directory that receives the resolved recipe, the coefficients, their history \
            and the scores. A run that was stopped, however, is continued by the same command and \
            ends with the same bits.

            Examples:
              merganser learn recipe.yml runs/entropy
              merganser learn recipe.yml runs/agreement --set parameters.objective=agreement
              merganser learn recipe.yml runs/short --set parameters.steps=50 --threads 2
            """
    )

    @Argument(help: "A recipe whose merge_method learns, such as adamerging.", completion: .file())
    var recipe: String

    @Argument(
        help: ArgumentHelp("The run directory.", valueName: "run"),
        completion: .directory
    )
    var directory: String

    @OptionGroup var changes: RecipeArguments
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let workers = global.startComputing()
        let recipe = try changes.recipe(recipe, global)
        let result = try global.observing { observer in
            try Learning.run(
                recipe,
                in: URL(filePath: directory),
                workers: workers,
                command: CommandLine.arguments,
                observer: observer
            )
        }
        try global.show(result.evaluation) { width in
            let kept = "Coefficients of step \(result.step) kept in \(directory).\n"
            let warning =
                result.collapsed.isEmpty
                ? "" : "Collapsed tasks: \(result.collapsed.joined(separator: ", ")).\n"
            return result.evaluation.table().text(width: width) + warning + kept
        }
    }
}
