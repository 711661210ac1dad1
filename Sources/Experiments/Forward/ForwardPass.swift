internal import Autograd
internal import Checkpoints
public import Foundation
internal import Tasks
public import Tensors
internal import Transformers

/// Runs a model over inputs: its outputs go to a file, and its gradients where they are asked for.
///
/// The work is cut into micro-batches that depend on the inputs alone, so the bits are the same for
/// any number of workers; of the outputs no more than a few micro-batches are in memory.
public struct ForwardPass: Sendable {
    private let model: RunnableModel
    private let inputs: ForwardInputs
    private let workers: Workers
    private let observer: Observer

    /// A model and what it is run on.
    public init(
        _ model: RunnableModel,
        on inputs: ForwardInputs,
        workers: Workers = .all,
        observer: Observer = Observer()
    ) {
        (self.model, self.inputs) = (model, inputs)
        (self.workers, self.observer) = (workers, observer)
    }

    /// Writes the outputs in float32: `[examples, …]`, or `[examples, length, …]` and zero where
    /// there is padding.
    public func run(to file: URL) throws -> ForwardResult {
        let transformer = try model.transformer()
        let outputs = ForwardOutputs(file, inputs: inputs)
        _ = try forEachPiece(outputs) { piece, _ in
            try outputs.take(transformer(piece.input), of: piece)
        }
        return try result(outputs.finish(), objective: nil)
    }

    /// Writes the outputs, and the derivatives of a number by every parameter.
    ///
    /// The number is the mean entropy of the predictions (where pictures are compared with texts,
    /// that of each picture's), in nats; or, with a file of cotangents
    /// that holds one tensor called as an output, the sum of output times tensor. Derivatives have
    /// the names and shapes of the model's files; those by parameters without influence are zero.
    public func run(
        to file: URL,
        gradients: URL,
        cotangent: URL? = nil
    ) throws -> ForwardResult {
        let parameters = KnownParameters(model.parameters, tracked: true)
        let transformer = try model.transformer(from: parameters)
        let objective = try ForwardObjective(cotangent, over: inputs)
        let outputs = ForwardOutputs(file, inputs: inputs)
        let sums = OrderedGradients()
        let shares = try forEachPiece(outputs) { piece, pass in
            do {
                let output = try transformer(piece.input)
                try outputs.take(output, of: piece)
                let share = try objective.share(of: output, piece)
                sums.add(share, pass: pass)
                return Double(share.value[0])
            } catch {
                sums.skip(pass: pass)
                throw error
            }
        }
        let found = ForwardResult.Objective(name: objective.name, value: shares.reduce(0, +))
        try write(sums, of: parameters, found, to: gradients)
        return try result(outputs.finish(), objective: found)
    }
}

extension ForwardPass {
    /// Runs `body` for every micro-batch and returns its results in order.
    ///
    /// The examples go through in portions: the outputs of one are complete, and on their way to
    /// the file, before the next begins.
    private func forEachPiece<T: Sendable>(
        _ outputs: ForwardOutputs,
        _ body: @Sendable (ForwardPiece, _ pass: Int) throws -> T
    ) throws -> [T] {
        var results: [T] = []
        observer.begin("running", inputs.count)
        for portion in inputs.portions {
            let pieces = inputs.pieces(of: portion)
            let first = results.count
            results += try workers.map(pieces.count) { index in
                guard !observer.isCancelled() else { throw CancellationError() }
                let result = try body(inputs.piece(pieces[index]), first + index)
                observer.advance(pieces[index].count)
                return result
            }
            try outputs.write(portion)
        }
        return results
    }

    private func write(
        _ sums: OrderedGradients,
        of parameters: KnownParameters,
        _ objective: ForwardResult.Objective,
        to file: URL
    ) throws {
        let writer = try CheckpointWriter(
            file: file,
            tensors: model.declarations,
            metadata: [
                "format": "pt", "objective": objective.name, "value": "\(objective.value)",
            ]
        )
        for tensor in model.declarations {
            let gradient = parameters[tensor.name].flatMap { sums[$0] }
            try writer.write(tensor.name, gradient ?? .zeros(tensor.shape))
        }
        try writer.finish()
    }

    private func result(
        _ outputs: [ForwardResult.Output],
        objective: ForwardResult.Objective?
    ) -> ForwardResult {
        ForwardResult(
            architecture: model.architecture.name,
            examples: inputs.count,
            tokens: inputs.tokens,
            outputs: outputs,
            objective: objective
        )
    }
}
