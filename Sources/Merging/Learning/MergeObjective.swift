public import Autograd
internal import Foundation

/// What a learned merge is judged by; all that learning knows of models and data.
public protocol MergeObjective: Sendable {
    /// The names of the tasks, in the order in which passes number them.
    var tasks: [String] { get }
    /// The independent pieces of a step's work: the same pieces in the same order every time.
    func passes(at step: Int) throws -> [any ObjectivePass]
}

/// One piece of a step's work, small enough that a few fit into memory side by side.
public protocol ObjectivePass: Sendable {
    /// Evaluates the merged model on this piece.
    func callAsFunction(_ merged: any ParameterSource) throws -> PassResult
}

/// What one pass found.
public struct PassResult: Sendable {
    /// This pass's share of the objective: the objective is the sum over all passes.
    public let loss: Variable
    /// What the predictions looked like.
    public let tally: PredictionTally

    /// A pass's share of the objective and of the predictions.
    public init(loss: Variable, tally: PredictionTally) {
        (self.loss, self.tally) = (loss, tally)
    }
}

/// Sums over predictions of one task, from which its entropies are read.
public struct PredictionTally: Sendable, Equatable {
    /// The number of the task.
    public var task: Int
    /// The number of predictions.
    public var count: Int
    /// The sum of their entropies, in nats.
    public var entropy: Double
    /// The sum of the predicted probabilities of each class.
    public var probabilities: [Double]

    /// Sums over some predictions of a task.
    public init(task: Int, count: Int, entropy: Double, probabilities: [Double]) {
        (self.task, self.count, self.entropy) = (task, count, entropy)
        self.probabilities = probabilities
    }

    /// The mean entropy of the predictions.
    public var meanEntropy: Double { entropy / Double(max(1, count)) }

    /// The entropy of the mean prediction: near 0 when all inputs are given the same class.
    public var marginalEntropy: Double {
        probabilities.reduce(0) { sum, total in
            let p = total / Double(max(1, count))
            return p > 0 ? sum - p * log(p) : sum
        }
    }

    /// Adds the predictions of another pass of the same task.
    public mutating func add(_ other: PredictionTally) {
        count += other.count
        entropy += other.entropy
        if probabilities.count < other.probabilities.count {
            probabilities +=
                Array(repeating: 0, count: other.probabilities.count - probabilities.count)
        }
        for (index, value) in other.probabilities.enumerated() { probabilities[index] += value }
    }
}
