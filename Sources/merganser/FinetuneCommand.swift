internal import ArgumentParser
internal import Experiments
internal import Foundation
internal import Presentation
internal import Tasks

struct FinetuneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "finetune",
        abstract: "Fine-tune an expert from a base model, in full or by LoRA.",
        discussion: """
            OUTPUT becomes a Hugging Face classifier or, with lora in the recipe, a PEFT adapter. A \
            run that was stopped is continued by the same command.

            Examples:
              merganser finetune experiments/debtags/experts/role.yml experts/role
              merganser finetune role.yml experts/role --set parameters.epochs=2
              merganser finetune role.yml experts/role --set lora.rank=16 --threads 2
            """
    )

    @Argument(
        help: "A recipe with base_model, task, parameters, and lora for an adapter.",
        completion: .file()
    )
    var recipe: String

    @Argument(help: "The directory to write.", completion: .directory)
    var output: String

    @OptionGroup var changes: RecipeArguments
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let workers = global.startComputing()
        let recipe = try changes.finetuneRecipe(recipe, global)
        let result = try global.observing { observer in
            try Finetuning.run(
                recipe,
                output: URL(filePath: output),
                workers: workers,
                observer: observer
            )
        }
        try global.show(result) { width in
            var table = TextTable(
                [
                    .text("task"), .text("split"), .number("examples"), .number("accuracy"),
                    .number("loss"), .number("steps"), .number("seconds"),
                ]
            )
            func number(_ value: Double?, _ digits: Int) -> String {
                value?.formatted(.number.precision(.fractionLength(digits))) ?? "–"
            }
            table.add(
                [
                    result.task, result.split, String(result.scores.examples),
                    number(result.scores.accuracy.map { $0 * 100 }, 1),
                    number(result.scores.loss, 3), String(result.steps),
                    number(result.seconds, 0),
                ]
            )
            return table.text(width: width)
        }
    }
}
