internal import Checkpoints
internal import Foundation
internal import Merging
internal import Tasks
internal import Tensors

/// What is kept of a run that is done: `record.json`, beside the answers of its model.
struct RunRecord: Codable, Sendable {
    /// The SHA-256 of what the run is; see ``RunIdentity``.
    var hash: String
    /// The SHA-256 of its inputs.
    var inputs: String
    /// The SHA-256 of what is scored: another one is scored anew.
    var evaluation: String
    /// The merge method; `base` and `experts` for what merges are compared with.
    var method: String
    /// The experts that were merged.
    var experts: [String]
    /// The seed.
    var seed: UInt64
    /// The step whose coefficients were kept, where it learned.
    var step: Int?
    /// The SHA-256 of `coefficients.json`, where it learned.
    var coefficients: String?
    /// The time that merging or learning took, without scoring.
    var seconds: Double
    /// The most memory that the process held while it did, in bytes.
    var memory: Int
    /// The tasks and splits that were scored, with the number of their examples.
    var scored: [Scored]

    /// A split of a task that was scored.
    struct Scored: Codable, Sendable, Equatable {
        var task: String
        var split: String
        var examples: Int
        /// Whether the task's expert was merged.
        var isHeldIn: Bool

        enum CodingKeys: String, CodingKey {
            case task, split, examples
            case isHeldIn = "held_in"
        }
    }

    /// The record of a run, if it is there, and of this evaluation where one is given.
    static func known(
        _ name: String,
        evaluation: String? = nil,
        in results: ResultsDirectory
    ) -> RunRecord? {
        guard let record = try? RunJSON.decode(RunRecord.self, from: results.record(name)),
            evaluation == nil || record.evaluation == evaluation
        else { return nil }
        return record
    }

    /// The answers that belong to the record.
    func answers(in results: ResultsDirectory, named name: String) throws -> [TaskAnswers] {
        let file = try Checkpoint(at: results.answers(name))
        return try scored.compactMap { entry in
            try AnswersFile.read(
                "merged",
                task: entry.task,
                split: entry.split,
                examples: entry.examples,
                from: file
            ).map { answers in
                TaskAnswers(
                    task: entry.task,
                    split: entry.split,
                    adapted: try AnswersFile.adapted(
                        task: entry.task,
                        split: entry.split,
                        examples: entry.examples,
                        from: file
                    ),
                    models: ["merged": answers]
                )
            }
        }
    }
}
