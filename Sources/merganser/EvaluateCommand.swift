internal import ArgumentParser
internal import Experiments
internal import Foundation
internal import Presentation
internal import Tasks

struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Score models on a recipe's tasks.",
        discussion: """
            Each task is answered with the head of its expert, or the one that the recipe gives it, \
            on the given model. A model is a checkpoint directory, or a run, whose coefficients are \
            applied on the fly. Accuracies are percentages; --json adds 95 % intervals, entropies \
            and losses.

            Examples:
              merganser evaluate merged recipe.yml
              merganser evaluate models/base merged runs/entropy recipe.yml --experts
              merganser evaluate merged recipe.yml --json --set tasks.role.evaluate=test[:100]
            """
    )

    @Argument(
        help: ArgumentHelp(
            "Models, or runs, and last the recipe.",
            valueName: "model> ... <recipe"
        ),
        completion: .file()
    )
    var inputs: [String]

    @Flag(help: "Score each task's expert, too.")
    var experts = false

    @OptionGroup var changes: RecipeArguments
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if inputs.count < 2 {
            throw ValidationError("evaluate takes at least one model, and then a recipe.")
        }
    }

    func run() throws {
        let workers = global.startComputing()
        let recipe = try changes.recipe(inputs[inputs.count - 1], global)
        let models = Array(inputs.dropLast())
        let entries = try global.observing { observer in
            try Scoreboard.evaluate(
                models,
                with: recipe,
                experts: experts,
                workers: workers,
                observer: observer
            )
        }
        let names = entries.models.filter { $0 != "expert" }
        let given = Scoreboard.names(of: models)
        let order = given.filter(names.contains) + names.filter { !given.contains($0) }
        try global.show(entries) { width in
            entries.table(models: order + (experts ? ["expert"] : [])).text(width: width)
        }
    }
}
