internal import Autograd
internal import Checkpoints
internal import Foundation
internal import Merging
internal import Tasks
internal import Tensors
internal import Transformers

/// Learns which entries of an expert's task vector carry its skill, on labeled examples.
struct MaskRun: Sendable {
    /// What of a recipe tells how masks are learned.
    struct Settings: Sendable {
        let masks: MaskLearner.Options
        let epochs: Int
        let batchSize: Int
        let excluded: Set<String>

        init(_ recipe: Recipe, of card: MethodCard) {
            func number(_ name: String) -> Double {
                if case .number(let number)? = recipe.option(name, of: card) { number } else { 0 }
            }
            var masks = MaskLearner.Options()
            masks.initial = number("initial_sparsity")
            masks.bias = number("sigmoid_bias")
            masks.rate = number("learning_rate")
            masks.l1 = number("l1")
            if case .text(let name)? = recipe.option("regulariser", of: card) {
                masks.regulariser = MaskLearner.Regulariser(rawValue: name) ?? masks.regulariser
            }
            self.masks = masks
            (epochs, batchSize) = (Int(number("epochs")), Int(number("batch_size")))
            guard case .list(let names)? = recipe.scopes().setting(of: "exclude_keys") else {
                excluded = []
                return
            }
            excluded = Set(
                names.compactMap { if case .text(let name) = $0 { name } else { nil } }
            )
        }

        /// All of it as text, which tells masks from others.
        var text: String {
            "\(masks) \(epochs) \(batchSize) \(excluded.sorted())\n"
        }
    }

    let source: StatisticsTask
    let split: OpenSplit
    /// The base and the expert.
    let pool: ModelPool
    let settings: Settings
    let workers: Workers
    let observer: Observer

    /// Writes the masks, and returns the number of their tensors.
    func write(_ provenance: StatisticsFile.Provenance, to output: URL) throws -> Int {
        var learner = try MaskLearner(
            pool.keeping { !settings.excluded.contains($0.name) },
            settings.masks,
            workers: workers
        )
        observer.begin("localizing \(source.name)", settings.epochs * split.encoded.count)
        for _ in 0..<settings.epochs { try learner.update(along: gradients(of: learner), workers) }
        let masks = pool.parameters.compactMap { parameter in
            learner.mask(of: parameter.name).map { (parameter.name, $0) }
        }
        let writer = try CheckpointWriter(
            file: output,
            tensors: masks.map {
                TensorDeclaration(name: $0, dtype: .unsigned8, shape: [$1.bytes.count])
            },
            metadata: provenance.metadata(.mask)
        )
        for (name, mask) in masks { try writer.write(name, bytes: mask.bytes, at: 0) }
        try writer.finish()
        return masks.count
    }

    /// The gradient of the sum over batches of their mean loss, by every parameter.
    private func gradients(of learner: MaskLearner) throws -> [String: Tensor] {
        let parameters = KnownParameters(Localized(pool: pool, learner: learner), tracked: true)
        let expert = source.task.expert
        let model = try expert.model(on: parameters)
        let (encoded, labels) = (split.encoded, split.labels ?? [])
        let batches = stride(from: 0, to: encoded.count, by: settings.batchSize).map {
            Array($0..<min($0 + settings.batchSize, encoded.count))
        }
        let passes = batches.flatMap { batch in
            encoded.microBatches(of: batch).map { piece in
                (
                    piece: piece, labels: piece.positions.map { labels[batch[$0]] },
                    share: 1 / Float(batch.count)
                )
            }
        }
        let gradients = OrderedGradients()
        try workers.forEach(passes.count) { index in
            let pass = passes[index]
            do {
                if observer.isCancelled() { throw CancellationError() }
                let logits = try model(pass.piece.input()).read(.logits)
                let loss = logits.crossEntropy(labels: pass.labels).sum() * pass.share
                gradients.add(loss, pass: index)
            } catch {
                gradients.skip(pass: index)
                throw error
            }
            observer.advance(pass.labels.count)
        }
        return pool.parameters.reduce(into: [:]) { table, parameter in
            table[parameter.name] = parameters[parameter.name].flatMap { gradients[$0] }
        }
    }
}

/// The parameters of a model whose task vector is masked as far as it is learned.
private struct Localized: ParameterSource {
    let pool: ModelPool
    let learner: MaskLearner
    private let places: [String: Int]

    init(pool: ModelPool, learner: MaskLearner) {
        (self.pool, self.learner) = (pool, learner)
        places = Dictionary(
            uniqueKeysWithValues: pool.parameters.enumerated().map { ($1.name, $0) }
        )
    }

    func parameter(named name: String, shape: [Int]) throws -> Variable {
        guard let place = places[name], pool.parameters[place].shape == shape else {
            throw ParameterError.missing(name: name, shape: shape, source: "the base")
        }
        return Variable(constant: try learner.value(of: pool.parameters[place]))
    }

    func expect(parameterNamed name: String, shape: [Int]) throws {
        guard places[name].map({ pool.parameters[$0].shape }) == shape else {
            throw ParameterError.missing(name: name, shape: shape, source: "the base")
        }
    }

    func contains(_ name: String) -> Bool { places[name] != nil }
}
