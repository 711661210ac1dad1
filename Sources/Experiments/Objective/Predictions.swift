internal import Autograd
internal import Foundation
public import Tasks
public import Tensors
public import Transformers

/// Runs models over examples without gradients.
public enum Predictions {
    /// What a model answers and what its answers are read off.
    public enum Reading: Sendable {
        /// `[examples, classes]`.
        case logits
        /// What the classifier reads, `[examples, width]`.
        case features
    }

    /// The logits of some examples of a task, `[examples, classes]`.
    public static func logits(
        of model: any Transformer,
        on examples: EncodedExamples,
        positions: [Int]? = nil,
        workers: Workers,
        progress: (@Sendable (Int) -> Void)? = nil
    ) throws -> Tensor {
        try rows(
            of: model,
            [.logits],
            on: examples,
            positions: positions,
            workers: workers,
            progress: progress
        )[0]
    }

    /// What is read of a model on some examples of a task, a row for each of them.
    ///
    /// The examples are cut into pieces that depend on them alone, so the bits do not depend on the
    /// number of workers.
    public static func rows(
        of model: any Transformer,
        _ readings: [Reading],
        on examples: EncodedExamples,
        positions: [Int]? = nil,
        workers: Workers,
        progress: (@Sendable (Int) -> Void)? = nil
    ) throws -> [Tensor] {
        let chosen = positions ?? Array(0..<examples.count)
        let pieces = examples.microBatches(of: chosen)
        let results = try workers.map(pieces.count) { index in
            let output = try model(pieces[index].input())
            let values = try readings.map { try output.read($0).value }
            progress?(pieces[index].positions.count)
            return values
        }
        return readings.indices.map { reading in
            let width = results.first?[reading].rowWidth ?? 0
            var table = Tensor.zeros([chosen.count, width])
            for (piece, values) in zip(pieces, results) {
                table.add(rows: values[reading], at: piece.positions.map(Int32.init))
            }
            return table
        }
    }
}

extension ModelOutput {
    /// What is read of a model that classifies.
    func read(_ reading: Predictions.Reading) throws -> Variable {
        switch reading {
        case .logits:
            if let logits = self["logits"] { return logits }
            throw ExperimentError.unsupported(
                "The model has no classifier; a task needs a model that classifies."
            )
        case .features:
            if let features { return features }
            throw ExperimentError.unsupported(
                "The model has several classifiers, so there are no features to match; set "
                    + "parameters.features to 0."
            )
        }
    }
}

extension Answers {
    /// The answers that rows of logits are, `[examples, classes]`.
    public init(logits: Tensor, labels: [Int32]?) {
        let predictions = logits.argmax().map(Int32.init)
        self.init(
            predictions: predictions,
            // The likelihood of the class that is most likely.
            confidences: logits.crossEntropies(labels: predictions).values.elements
                .map { Float(exp(-Double($0))) },
            entropies: logits.entropies().values.elements,
            losses: labels.map { logits.crossEntropies(labels: $0).values.elements },
            labels: labels
        )
    }
}
