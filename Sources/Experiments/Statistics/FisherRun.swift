internal import Autograd
internal import Checkpoints
internal import Foundation
internal import Merging
internal import Synchronization
internal import Tasks
internal import Tensors
internal import Transformers

/// Collects the diagonal Fisher information of a model on some examples.
struct FisherRun: Sendable {
    let source: StatisticsTask
    let split: OpenSplit
    let workers: Workers
    let observer: Observer

    /// Writes the information, and returns the number of its tensors.
    func write(
        _ provenance: StatisticsFile.Provenance,
        to output: URL,
        _ options: StatisticsCollection.Options,
        seed: UInt64
    ) throws -> Int {
        let parameters = source.task.expert.parameters(on: source.parameters)
        let collector = FisherCollector(over: parameters)
        let model = try source.task.expert.model(from: collector)
        try run(model, collector, options.labels, seed)
        let names = collector.names
        let share = 1 / Float(max(1, split.encoded.count))
        let tensors = names.compactMap { name in collector[name].map { (name, $0) } }
        let writer = try CheckpointWriter(
            file: output,
            tensors: tensors.map {
                TensorDeclaration(name: $0, dtype: options.dtype, shape: $1.shape)
            },
            metadata: provenance.metadata(.fisher)
        )
        for (name, sum) in tensors { try writer.write(name, sum * share) }
        try writer.finish()
        return tensors.count
    }

    /// The number of classes that the model tells apart.
    func classes() throws -> Int {
        let expert = source.task.expert
        let model = try expert.model(
            from: KnownParameters(expert.parameters(on: source.parameters))
        )
        return try logits(model, [0]).value.rowWidth
    }

    /// Runs micro-batches forward once, and backward once for every label that counts.
    ///
    /// The walks of a micro-batch share its graph and are spread over the workers.
    private func run(
        _ model: any Transformer,
        _ collector: FisherCollector,
        _ labels: FisherLabels,
        _ seed: UInt64
    ) throws {
        let encoded = split.encoded
        let pieces = encoded.microBatches(of: Array(0..<encoded.count)).map(\.positions)
        guard let first = pieces.first?.first else { return }
        let classes = try logits(model, [first]).value.rowWidth
        let walks = labels.walks(classes: classes)
        observer.begin("running (\(walks) backward passes)", encoded.count * walks)
        let graphs = pieces.map { _ in SharedGraph(uses: walks) }
        try workers.forEach(pieces.count * walks) { pass in
            let (piece, walk) = (pass / walks, pass % walks)
            let positions = pieces[piece]
            do {
                if observer.isCancelled() { throw CancellationError() }
                let logits = try graphs[piece].value { try self.logits(model, positions) }
                let cotangent = labels.cotangent(
                    ofWalk: walk,
                    logits: logits.value,
                    labels: split.labels.map { labels in positions.map { labels[$0] } },
                    seed: seed,
                    positions: positions
                )
                try collector.add(
                    logits,
                    cotangent: cotangent,
                    examples: examples(positions),
                    pass: pass
                )
            } catch {
                collector.skip(pass: pass)
                throw error
            }
            observer.advance(positions.count)
        }
    }

    private func logits(_ model: any Transformer, _ positions: [Int]) throws -> Variable {
        let output = try model(split.encoded.input(positions))
        guard let logits = output["logits"] else {
            throw StatisticsRequestError.noOutput(
                model: source.task.expert.name,
                outputs: output.entries.map(\.name)
            )
        }
        return logits
    }

    /// The tokens of some examples.
    private func examples(_ positions: [Int]) -> Sequences {
        let lengths = split.encoded.lengths
        return Sequences(lengths: positions.map { lengths[$0] })
    }
}

/// The graph of a micro-batch: made by whoever comes first, and let go by whoever comes last.
private final class SharedGraph: Sendable {
    private let state: Mutex<(graph: Variable?, uses: Int)>

    init(uses: Int) { state = Mutex((nil, uses)) }

    func value(_ make: () throws -> Variable) throws -> Variable {
        try state.withLock { state in
            let graph = try state.graph ?? make()
            state.uses -= 1
            state.graph = state.uses > 0 ? graph : nil
            return graph
        }
    }
}
