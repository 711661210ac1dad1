internal import ArgumentParser
internal import Experiments
internal import Foundation
internal import Tensors

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Say what a recipe will do and cost, before starting.",
        discussion: """
            Reads headers and data, no weights but those that make heads of prompts: whether everything matches, and if not, all that \
            does not; how many coefficients there are; operations, minutes, memory and disk.

            Examples:
              merganser plan recipe.yml
              merganser plan recipe.yml --set parameters.granularity=layer
            """
    )

    @Argument(help: "The recipe.", completion: .file())
    var recipe: String

    @OptionGroup var changes: RecipeArguments
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let workers = global.startComputing()
        let plan = try MergePlan(changes.recipe(recipe, global), workers: workers)
        try global.show(plan) { plan.text(width: $0) }
    }
}
