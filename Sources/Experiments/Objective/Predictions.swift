internal import Autograd
public import Tasks
public import Tensors
public import Transformers

/// Runs models over examples without gradients.
public enum Predictions {
    /// The logits of some examples of a task, `[examples, classes]`.
    ///
    /// The examples are cut into pieces that depend on them alone, so the bits do not depend on the
    /// number of workers.
    public static func logits(
        of model: any Transformer,
        on examples: EncodedExamples,
        positions: [Int]? = nil,
        workers: Workers,
        progress: (@Sendable (Int) -> Void)? = nil
    ) throws -> Tensor {
        let chosen = positions ?? Array(0..<examples.count)
        let pieces = examples.microBatches(of: chosen)
        let results = try workers.map(pieces.count) { index in
            let output = try model(pieces[index].input())
            guard let logits = output["logits"] else {
                throw ExperimentError.unsupported(
                    "The model has no classifier; a task needs a model that classifies."
                )
            }
            progress?(pieces[index].positions.count)
            return logits.value
        }
        let width = results.first?.rowWidth ?? 0
        var table = Tensor.zeros([chosen.count, width])
        for (piece, rows) in zip(pieces, results) {
            table.add(rows: rows, at: piece.positions.map(Int32.init))
        }
        return table
    }
}

extension Scores {
    /// The scores of rows of logits.
    public init(logits: Tensor, labels: [Int32]?) {
        let entropies = logits.entropies().values.elements
        guard let labels else {
            self.init(entropies: entropies)
            return
        }
        self.init(
            entropies: entropies,
            losses: logits.crossEntropies(labels: labels).values.elements,
            predictions: logits.argmax(),
            labels: labels
        )
    }
}
