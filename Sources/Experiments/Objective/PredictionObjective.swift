internal import Autograd
public import Merging
public import Tasks
public import Tensors
internal import Transformers

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
    private let terms: ObjectiveTerms
    private let work: [LearningTask]
    private let orders: [BatchOrder]
    private let targets: [ExpertTargets]

    /// The names of the tasks.
    public var tasks: [String] { work.map(\.name) }

    /// An objective over the tasks' inputs.
    ///
    /// `ask` gives what is read of the experts on chosen examples of a task; it is asked once, for
    /// the examples that the given number of steps will visit.
    public init(
        _ terms: ObjectiveTerms,
        tasks: [LearningTask],
        batchSize: Int,
        steps: Int,
        seed: UInt64,
        ask: (_ task: Int, _ examples: [Int], _ readings: [Predictions.Reading]) throws -> [Tensor]
    ) rethrows {
        self.terms = terms
        work = tasks
        let orders = tasks.map {
            BatchOrder(seed: seed, task: $0.name, count: $0.examples.count, batchSize: batchSize)
        }
        self.orders = orders
        let readings = terms.targets
        targets = try orders.enumerated().map { task, order in
            guard !readings.isEmpty else { return ExpertTargets() }
            let visited = Set((0...steps).flatMap { order.batch(step: $0) }).sorted()
            return ExpertTargets(
                examples: visited,
                answers: Dictionary(
                    zip(readings, try ask(task, visited, readings)),
                    uniquingKeysWith: { first, _ in first }
                )
            )
        }
    }

    /// Micro-batches of every task's batch; whole batches where their mean prediction counts.
    public func passes(at step: Int) throws -> [any ObjectivePass] {
        work.indices.flatMap { index in
            let task = work[index]
            let batch = orders[index].batch(step: step)
            let pieces = task.examples.microBatches(of: batch).map {
                piece(of: index, $0, $0.positions.map { batch[$0] })
            }
            let passes = terms.diversity > 0 ? [pieces] : pieces.map { [$0] }
            return passes.map { pieces -> any ObjectivePass in
                Pass(
                    task: index,
                    expert: task.expert,
                    pieces: pieces,
                    weight: Float(task.weight),
                    count: batch.count,
                    diversity: Float(terms.diversity)
                )
            }
        }
    }

    private func piece(of task: Int, _ batch: MicroBatch, _ examples: [Int]) -> Pass.Piece {
        let loss: Pass.Loss =
            switch terms.kind {
            case .entropy: .entropy
            case .crossEntropy: .labels(examples.compactMap { work[task].labels?[$0] })
            case .agreement: .targets(targets[task].logProbabilities(of: examples))
            }
        let features = targets[task].features.map { known in
            (target: known.rows(of: examples), factor: Float(terms.features) / known.meanSquare)
        }
        return Pass.Piece(batch: batch, loss: loss, features: features)
    }
}

/// Some of a task's batch: one micro-batch, or all of them.
private struct Pass: ObjectivePass {
    enum Loss: Sendable {
        case entropy
        case targets(Tensor)
        case labels([Int32])
    }

    struct Piece: Sendable {
        let batch: MicroBatch
        let loss: Loss
        /// The expert's features, and what a squared distance to them is multiplied by.
        let features: (target: Tensor, factor: Float)?
    }

    let task: Int
    let expert: TaskExpert
    let pieces: [Piece]
    /// What the task counts in the total.
    let weight: Float
    /// The number of examples of the whole batch.
    let count: Int
    /// How much the entropy of the mean prediction counts; the pieces are the whole batch then.
    let diversity: Float

    func callAsFunction(_ merged: any ParameterSource) throws -> PassResult {
        let model = try expert.model(on: merged)
        let share = 1 / Float(count)
        var loss = Variable(constant: .zeros([1]))
        var mean: Variable?
        var tally = PredictionTally(task: task, count: 0, entropy: 0, probabilities: [])
        for piece in pieces {
            let output = try model(piece.batch.input())
            guard let logits = output["logits"] else {
                throw ExperimentError.unsupported(
                    "\(expert.name) is a \(expert.architecture.name), which has no classifier; "
                        + "a task needs a model that classifies."
                )
            }
            loss = loss + losses(logits, piece.loss).sum() * share
            if let (target, factor) = piece.features {
                let distance = try output.read(.features) - Variable(constant: target)
                loss = loss + (distance * distance).sum() * (factor * share)
            }
            if diversity > 0 {
                let shares = Tensor(
                    [1, logits.shape[0]],
                    Array(repeating: share, count: logits.shape[0])
                )
                let part = logits.softmax().sums(weightedBy: shares)  // [1, classes]
                mean = mean.map { $0 + part } ?? part
            }
            tally.add(PredictionTally(task: task, logits: logits.value))
        }
        if let mean { loss = loss - mean.distributionEntropy() * diversity }
        return PassResult(loss: loss * weight, tally: tally)
    }

    private func losses(_ logits: Variable, _ loss: Loss) -> Variable {
        switch loss {
        case .entropy: logits.softmaxEntropy()
        case .targets(let targets): logits.divergence(from: targets)
        case .labels(let labels): logits.crossEntropy(labels: labels)
        }
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
