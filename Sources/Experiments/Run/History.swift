internal import Foundation

/// One line of `history.jsonl`: what a step found before it changed anything.
public struct HistoryEntry: Codable, Sendable, Equatable {
    /// The number of updates made before.
    public var step: Int
    /// The mean entropy of each task's predictions on its batch, in nats.
    public var entropy: [String: Double]
    /// The entropy of each task's mean prediction on its batch, in nats: near 0 where it collapses.
    public var marginalEntropy: [String: Double]?
    /// The objective.
    public var total: Double
    /// The Euclidean norm of the objective's gradient by the coefficients.
    public var gradientNorm: Double
    /// How long the step took.
    public var seconds: Double
    /// How the merged model compares with the experts on the `select` split, where that was looked
    /// at.
    public var selection: Selection?

    enum CodingKeys: String, CodingKey {
        case step, entropy, total, seconds, selection
        case marginalEntropy = "marginal_entropy"
        case gradientNorm = "gradient_norm"
    }

    /// What is measured, without labels, to choose the best step and to see a collapse.
    public struct Selection: Codable, Sendable, Equatable {
        /// The sum over tasks of their weight times the divergence: the best step has the least.
        public var criterion: Double
        /// The measurements of each task.
        public var tasks: [String: TaskSelection]
    }

    /// One task's part of a selection.
    public struct TaskSelection: Codable, Sendable, Equatable {
        /// The mean divergence of the merged model's predictions from the expert's, in nats.
        public var divergence: Double
        /// The share of examples for which both predict the same class.
        public var agreement: Double
        /// The entropy of the mean prediction, in nats: near 0 where the task collapses.
        public var marginalEntropy: Double
        /// The same of the expert.
        public var expertMarginalEntropy: Double

        enum CodingKeys: String, CodingKey {
            case divergence, agreement
            case marginalEntropy = "marginal_entropy"
            case expertMarginalEntropy = "expert_marginal_entropy"
        }
    }
}

extension HistoryEntry {
    /// The steps of a run, those of one that has not ended as far as it is; none before the first.
    static func all(of run: RunDirectory) throws -> [HistoryEntry] {
        guard run.has(run.history) else { return [] }
        return try Data(contentsOf: run.history).split(separator: UInt8(ascii: "\n"))
            .map { try JSONDecoder().decode(HistoryEntry.self, from: $0) }
    }
}
