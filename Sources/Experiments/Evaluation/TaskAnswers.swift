public import Tasks

/// What models answer to the examples of one split of a task.
public struct TaskAnswers: Sendable, Equatable {
    /// The name of the task.
    public var task: String
    /// The split that was asked about.
    public var split: String
    /// Whether each example was adapted on.
    public var adapted: [Bool]
    /// The answers by model: `base`, `initial`, `merged`, `expert`, or the name of a model.
    public var models: [String: Answers]

    /// The scores of the examples that were not adapted on, and of those that were.
    public var evaluations: [TaskEvaluation] {
        [false, true].compactMap { transductive in
            let positions = adapted.indices.filter { adapted[$0] == transductive }
            guard !positions.isEmpty else { return nil }
            return TaskEvaluation(
                task: task,
                split: split,
                examples: positions.count,
                transductive: transductive,
                scores: models.mapValues { Scores($0.selecting(positions)) }
            )
        }
    }
}
