internal import Autograd
internal import Foundation
internal import Tasks

/// The `README.md` of a fine-tuned model: what it is, how it was made, how good it is.
struct FinetuneCard {
    let recipe: FinetuneRecipe
    let result: FinetuneResult
    let baseName: String

    /// The card in Markdown, in which nothing depends on the machine or the time.
    var text: String {
        """
        ---
        base_model: \(baseName)
        library_name: \(recipe.lora == nil ? "transformers" : "peft")
        pipeline_tag: text-classification
        tags: [merganser\(recipe.lora == nil ? "" : ", lora")]
        ---

        # \(result.task)

        \(kind) of \(baseName), made by `merganser finetune`.

        | | |
        |---|---|
        | classes | \(result.classes.joined(separator: ", ")) |
        | learned from | \(result.examples) examples |
        | steps | \(result.steps) of \(recipe.batchSize) examples |
        | step size | \(schedule) |
        | learned numbers | \(result.parameters) |
        | accuracy | \(accuracy) |
        | loss | \(decimal(result.scores.loss ?? 0, 4)) |

        `history.jsonl` has the loss of every step.

        """
    }

    private var kind: String {
        guard let lora = recipe.lora else { return "A full fine-tune" }
        return "A low-rank adapter (rank \(lora.rank), alpha \(compact(lora.alpha)))"
    }

    private var schedule: String {
        let peak = "\(compact(recipe.optimizer.learningRate)) (\(recipe.optimizer.rule.rawValue))"
        let rise =
            switch recipe.schedule.warmup {
            case .steps(0): ""
            case .steps(let count): ", risen to over \(count) steps"
            case .share(let share): ", risen to over \(compact(share * 100)) % of the steps"
            }
        let fall =
            recipe.schedule.decay == .none ? "" : ", then \(recipe.schedule.decay.rawValue) decay"
        return peak + rise + fall
    }

    private var accuracy: String {
        guard let accuracy = result.scores.accuracy, let interval = result.scores.interval else {
            return "unknown"
        }
        let ends = interval.map { decimal($0 * 100, 1) }.joined(separator: " … ")
        let trust =
            result.seen == 0
            ? "none of which was learned from" : "\(result.seen) of which were learned from"
        return
            "\(decimal(accuracy * 100, 1)) % (95 % interval \(ends)) of \(result.scores.examples) "
            + "examples of `\(result.split)`, \(trust)"
    }

    private func decimal(_ number: Double, _ places: Int) -> String {
        String(format: "%.\(places)f", number)
    }

    /// A number without the zeros that end it.
    private func compact(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? "\(number)"
    }
}
