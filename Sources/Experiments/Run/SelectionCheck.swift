internal import Merging
internal import Tasks
internal import Tensors

/// Compares the merged model with the experts on unlabeled examples that do not drive the learning.
struct SelectionCheck: Sendable {
    /// One task's examples with what the expert predicts for them.
    struct Task: Sendable {
        let name: String
        let weight: Double
        let expert: TaskExpert
        let examples: EncodedExamples
        /// Logarithms of the expert's probabilities, `[examples, classes]`.
        let targets: Tensor
        let expertMarginalEntropy: Double

        init(
            _ task: OpenTask,
            examples: EncodedExamples,
            expertLogits: Tensor
        ) {
            (name, weight, expert) = (task.name, task.weight, task.expert)
            self.examples = examples
            targets = expertLogits.logSoftmax()
            expertMarginalEntropy = PredictionTally(task: 0, logits: expertLogits).marginalEntropy
        }
    }

    let tasks: [Task]
    let workers: Workers

    /// What tells when this must be looked at out of turn.
    var watch: CollapseWatch {
        CollapseWatch(
            expected: Dictionary(tasks.map { ($0.name, $0.expertMarginalEntropy) }) { first, _ in
                first
            }
        )
    }

    /// What the merge with the given parameters does on every task.
    func measure(_ merged: MergedParameters) throws -> HistoryEntry.Selection {
        var selection = HistoryEntry.Selection(criterion: 0, tasks: [:])
        for task in tasks {
            let logits = try Predictions.logits(
                of: task.expert.model(on: merged),
                on: task.examples,
                workers: workers
            )
            let divergences = logits.divergences(from: task.targets).values
            let (found, wanted) = (logits.argmax(), task.targets.argmax())
            let count = Double(max(1, found.count))
            let part = HistoryEntry.TaskSelection(
                divergence: divergences.sum() / count,
                agreement: Double(zip(found, wanted).count { $0 == $1 }) / count,
                marginalEntropy: PredictionTally(task: 0, logits: logits).marginalEntropy,
                expertMarginalEntropy: task.expertMarginalEntropy
            )
            selection.tasks[task.name] = part
            selection.criterion += task.weight * part.divergence
        }
        return selection
    }
}
