internal import Autograd
internal import Checkpoints
internal import Foundation
internal import Tasks
internal import Tensors
internal import Transformers

/// The number that is differentiated, as a sum over micro-batches.
struct ForwardObjective: Sendable {
    /// What the number is called in results.
    let name: String
    private let cotangent: TensorView?
    private let examples, length: Int

    /// The mean entropy, or with a file the sum of output times its one tensor.
    init(_ file: URL?, over inputs: ForwardInputs) throws {
        (examples, length) = (inputs.count, inputs.length)
        guard let file else {
            (name, cotangent) = ("mean_entropy", nil)
            return
        }
        let checkpoint = try Checkpoint(at: file)
        guard let only = checkpoint.names.first, checkpoint.names.count == 1 else {
            throw ForwardError.cotangentCount(file: file.path, names: checkpoint.names)
        }
        (name, cotangent) = ("inner_product", try checkpoint.view(only))
    }

    /// What a micro-batch contributes.
    func share(of output: ModelOutput, _ piece: ForwardPiece) throws -> Variable {
        guard let cotangent else {
            guard let logits = output["logits"] ?? output["logits_per_image"] else {
                throw ForwardError.noLogits(outputs: output.entries.map(\.name))
            }
            return logits.softmaxEntropy().sum() * (1 / Float(examples))
        }
        guard let entry = output.entries.first(where: { $0.name == cotangent.name }) else {
            throw ForwardError.cotangentName(
                file: cotangent.fileName,
                name: cotangent.name,
                outputs: output.entries.map(\.name)
            )
        }
        let expected = entry.shape(examples: examples, length: length)
        guard cotangent.shape == expected else {
            throw ForwardError.cotangentShape(
                file: cotangent.fileName,
                name: cotangent.name,
                expected: expected,
                found: cotangent.shape
            )
        }
        return try (entry.value * Variable(constant: rows(of: cotangent, for: entry, piece))).sum()
    }

    /// The part of a cotangent that belongs to a micro-batch, in the shape of its output.
    private func rows(
        of cotangent: TensorView,
        for entry: ModelOutput.Entry,
        _ piece: ForwardPiece
    ) throws -> Tensor {
        guard entry.rows != .text else { return try cotangent.tensor() }
        let width = entry.value.value.rowWidth
        let size = entry.rows == .token ? length * width : width
        let rows = try Tensor([piece.examples.count * size / width, width]) { output in
            var block = [Float](repeating: 0, count: size)
            for example in piece.examples {
                var target = block.mutableSpan
                try cotangent.decode(example * size..<(example + 1) * size, into: &target)
                for element in block { output.append(element) }
            }
        }
        guard entry.rows == .token else { return rows.reshaped(entry.value.shape) }
        return piece.gathered(rows, length: length).reshaped(entry.value.shape)
    }
}

extension ModelOutput.Entry {
    /// The shape of an output in a file: rows of tokens are padded to a length.
    func shape(examples: Int, length: Int) -> [Int] {
        switch rows {
        case .example: [examples] + value.shape.dropFirst()
        case .token: [examples, length] + value.shape.dropFirst()
        case .text: value.shape
        }
    }
}
