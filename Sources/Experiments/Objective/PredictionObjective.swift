internal import Autograd
public import Merging
public import Tasks
public import Tensors
internal import Transformers

/// What learned coefficients minimise.
public enum ObjectiveKind: String, Sendable, CaseIterable, Codable {
    /// Mean entropy of the predictions (arXiv:2310.02575).
    case entropy
    /// Divergence from the expert's own predictions on the same inputs.
    case agreement
    /// Negative log-likelihood of the labels.
    case crossEntropy = "cross_entropy"
}

/// One task as learning sees it: an expert with its head, and inputs.
public struct LearningTask: Sendable {
    /// The name of the task.
    public let name: String
    /// How much the task counts in the total.
    public let weight: Double
    /// Who answers it.
    public let expert: TaskExpert
    /// The inputs that drive the learning.
    public let examples: EncodedExamples
    /// Their labels, where the objective reads them.
    public let labels: [Int32]?

    /// A task with its inputs.
    public init(
        name: String,
        weight: Double,
        expert: TaskExpert,
        examples: EncodedExamples,
        labels: [Int32]? = nil
    ) {
        (self.name, self.weight, self.expert) = (name, weight, expert)
        (self.examples, self.labels) = (examples, labels)
    }
}

/// The mean loss of each task's batch, weighted and summed over tasks.
public struct PredictionObjective: MergeObjective {
    private let kind: ObjectiveKind
    private let work: [LearningTask]
    private let orders: [BatchOrder]
    /// Logarithms of the experts' predictions by task and example, for `agreement`.
    private let targets: [[Int: [Float]]]

    /// The names of the tasks.
    public var tasks: [String] { work.map(\.name) }

    /// An objective over the tasks' inputs.
    ///
    /// For `agreement`, `predict` gives the experts' log-probabilities of chosen examples of a
    /// task; it is asked once, for the examples that the given number of steps will visit.
    public init(
        _ kind: ObjectiveKind,
        tasks: [LearningTask],
        batchSize: Int,
        steps: Int,
        seed: UInt64,
        predict: (_ task: Int, _ examples: [Int]) throws -> Tensor
    ) rethrows {
        self.kind = kind
        work = tasks
        orders = tasks.map {
            BatchOrder(seed: seed, task: $0.name, count: $0.examples.count, batchSize: batchSize)
        }
        guard kind == .agreement else {
            targets = []
            return
        }
        targets = try orders.enumerated().map { task, order in
            let visited = Set((0...steps).flatMap { order.batch(step: $0) }).sorted()
            let predictions = try predict(task, visited)
            let (width, elements) = (predictions.rowWidth, predictions.elements)
            return visited.enumerated().reduce(into: [:]) { table, entry in
                table[entry.element] = Array(
                    elements[entry.offset * width..<(entry.offset + 1) * width]
                )
            }
        }
    }

    /// Micro-batches of every task's batch.
    public func passes(at step: Int) throws -> [any ObjectivePass] {
        work.indices.flatMap { index in
            let task = work[index]
            let batch = orders[index].batch(step: step)
            return task.examples.microBatches(of: batch).map { piece -> any ObjectivePass in
                let examples = piece.positions.map { batch[$0] }
                return Pass(
                    task: index,
                    expert: task.expert,
                    piece: piece,
                    share: Float(task.weight / Double(batch.count)),
                    loss: loss(of: index, examples)
                )
            }
        }
    }

    private func loss(of task: Int, _ examples: [Int]) -> Pass.Loss {
        switch kind {
        case .entropy: return .entropy
        case .crossEntropy: return .labels(examples.compactMap { work[task].labels?[$0] })
        case .agreement:
            let rows = examples.compactMap { targets[task][$0] }
            let width = rows.first?.count ?? 0
            return .targets(Tensor([rows.count, width], rows.flatMap(\.self)))
        }
    }
}

/// One micro-batch of one task.
private struct Pass: ObjectivePass {
    enum Loss: Sendable {
        case entropy
        case targets(Tensor)
        case labels([Int32])
    }

    let task: Int
    let expert: TaskExpert
    let piece: MicroBatch
    /// What one example's loss counts in the total.
    let share: Float
    let loss: Loss

    func callAsFunction(_ merged: any ParameterSource) throws -> PassResult {
        let model = try expert.model(on: merged)
        guard let logits = try model(piece.input())["logits"] else {
            throw ExperimentError.unsupported(
                "\(expert.name) is a \(expert.architecture.name), which has no classifier; "
                    + "a task needs a model that classifies."
            )
        }
        let losses =
            switch loss {
            case .entropy: logits.softmaxEntropy()
            case .targets(let targets): logits.divergence(from: targets)
            case .labels(let labels): logits.crossEntropy(labels: labels)
            }
        return PassResult(
            loss: losses.sum() * share,
            tally: PredictionTally(task: task, logits: logits.value)
        )
    }
}

extension PredictionTally {
    /// The sums over the predictions of some rows of logits.
    init(task: Int, logits: Tensor) {
        let probabilities = logits.softmax()
        self.init(
            task: task,
            count: logits.shape[0],
            entropy: logits.entropies().values.sum(),
            probabilities: probabilities.summed(to: [probabilities.rowWidth])
                .elements.map(Double.init)
        )
    }
}
