internal import Autograd
internal import Merging
internal import Tasks
internal import Tensors
internal import Transformers

/// Fine-tunes a classifier step by step; the same bits for any number of workers.
///
/// The loss is the mean cross entropy of a batch. The dropout that a configuration asks for is not
/// applied: runs of a few epochs on a small data set hardly need it, and without it the gradient of
/// a batch is a function of the batch alone.
struct FinetuneTrainer {
    /// How gradients become steps.
    struct Options: Sendable {
        /// The rule for weights.
        var optimizer: Optimizer
        /// The rule for biases and norms, which weight decay leaves alone.
        var undecayed: Optimizer
        /// The size of every step.
        var schedule: Schedule
        /// The norm that longer gradients are shortened to.
        var gradientClip: Double?
    }

    /// A micro-batch with the right answers.
    struct Piece: Sendable {
        var inputs: MicroBatch
        var labels: [Int32]
    }

    let model: LearnedModel
    let options: Options
    let workers: Workers
    /// What is learned.
    let parameters: [LearnedParameter]
    /// How many updates were made.
    private(set) var step: Int

    init(
        _ model: LearnedModel,
        _ parameters: [LearnedParameter],
        step: Int = 0,
        options: Options,
        workers: Workers
    ) {
        (self.model, self.parameters, self.step) = (model, parameters, step)
        (self.options, self.workers) = (options, workers)
    }

    /// Learns from one batch, which comes in pieces.
    mutating func advance(_ batch: [Piece]) throws -> FinetuneRecord {
        let clock = ContinuousClock()
        let start = clock.now
        let (loss, found) = try differentiate(batch)
        var gradients = parameters.map { found[$0.name] ?? .zeros($0.shape) }
        let norm = gradients.norm
        guard loss.isFinite, norm.isFinite else { throw LearningError.notFinite(step: step) }
        if let limit = options.gradientClip { gradients.clip(toNorm: limit) }
        let rate = options.schedule.rate(at: step)
        try workers.forEach(parameters.count) { [options, parameters, gradients] index in
            parameters[index].update(
                by: parameters[index].decays ? options.optimizer : options.undecayed,
                gradient: gradients[index],
                rate: rate
            )
        }
        step += 1
        return FinetuneRecord(
            step: step - 1,
            loss: loss,
            rate: Double(rate),
            gradientNorm: norm,
            seconds: (clock.now - start) / .seconds(1)
        )
    }

    /// The loss of a batch, and its derivatives by what is learned.
    ///
    /// The parameters of the step are gone when this returns, so the updates happen in place.
    private func differentiate(
        _ batch: [Piece]
    ) throws -> (loss: Double, gradients: [String: Tensor]) {
        let values = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.now.value) })
        let source = try model.parameters(values, tracked: true, on: workers)
        let classifier = try model.base.architecture.model(
            configuration: model.base.configuration,
            from: source
        )
        let share = 1 / Float(batch.reduce(0) { $0 + $1.labels.count })
        let sums = OrderedGradients()
        let losses = try workers.map(batch.count) { pass in
            do {
                guard let logits = try classifier(batch[pass].inputs.input())["logits"] else {
                    throw FinetuneError.noClassifier(architecture: model.base.architecture.name)
                }
                let loss = logits.crossEntropy(labels: batch[pass].labels).sum() * share
                sums.add(loss, pass: pass)
                return Double(loss.value[0])
            } catch {
                sums.skip(pass: pass)
                throw error
            }
        }
        return (losses.reduce(0, +), try source.gradients(from: sums, on: workers))
    }
}
