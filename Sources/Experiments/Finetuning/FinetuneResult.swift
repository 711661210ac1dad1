public import Tasks

/// What fine-tuning made.
public struct FinetuneResult: Codable, Equatable, Sendable {
    /// The name of the task.
    public var task: String
    /// The number of updates.
    public var steps: Int
    /// How many numbers were learned.
    public var parameters: Int
    /// The time that the steps took, of all sessions together, in seconds.
    public var seconds: Double
    /// The names of the classes, in the order of the model's outputs.
    public var classes: [String]
    /// The number of examples that were learned from.
    public var examples: Int
    /// The split that was scored, such as `test`.
    public var split: String
    /// The number of its examples that were learned from as well: 0 for scores to be trusted.
    public var seen: Int
    /// The scores of the model as it was written.
    public var scores: Scores
}
