internal import Autograd
internal import Checkpoints
internal import Foundation
internal import Synchronization
internal import Tasks
internal import Tensors
internal import Transformers

/// The file that a model's outputs go to, as they come.
///
/// Outputs of tokens are large and written at once, example by example. Outputs of examples are
/// small and come in any order: they are kept until a portion of examples is complete.
final class ForwardOutputs: Sendable {
    private struct State {
        var writer: CheckpointWriter?
        var outputs: [ForwardResult.Output] = []
        var pending: [String: [(examples: [Int], rows: Tensor)]] = [:]
    }

    private let url: URL
    private let examples, length: Int
    private let state = Mutex(State())

    init(_ url: URL, inputs: ForwardInputs) {
        self.url = url
        (examples, length) = (inputs.count, inputs.length)
    }

    /// Takes the outputs of a micro-batch.
    func take(_ output: ModelOutput, of piece: ForwardPiece) throws {
        let writer = try writer(for: output)
        for entry in output.entries {
            let value = entry.value.value
            switch entry.rows {
            case .example:
                state.withLock {
                    $0.pending[entry.name, default: []].append((piece.examples, value))
                }
            case .token:
                for (example, rows) in zip(
                    piece.examples,
                    piece.padded(value, length: length)
                ) {
                    try rows.withSpan {
                        try writer.write(entry.name, $0, at: example * rows.count)
                    }
                }
            case .text: try value.withSpan { try writer.write(entry.name, $0, at: 0) }
            }
        }
    }

    /// Writes what was kept of a portion of examples, all of which have come.
    func write(_ portion: Range<Int>) throws {
        let (writer, pending) = state.withLock { state in
            defer { state.pending = [:] }
            return (state.writer, state.pending)
        }
        for (name, parts) in pending {
            guard let writer, let shape = parts.first?.rows.shape else { continue }
            var table = Tensor.zeros([portion.count] + shape.dropFirst())
            for part in parts {
                let places = part.examples.map { Int32($0 - portion.lowerBound) }
                table.add(rows: part.rows, at: places)
            }
            let start = portion.lowerBound * table.rowWidth
            try table.withSpan { try writer.write(name, $0, at: start) }
        }
    }

    /// Puts the complete file into its place.
    func finish() throws -> [ForwardResult.Output] {
        let (writer, outputs) = state.withLock { ($0.writer, $0.outputs) }
        try writer?.finish()
        return outputs
    }

    /// The first outputs show what the file will hold.
    private func writer(for output: ModelOutput) throws -> CheckpointWriter {
        try state.withLock { state in
            if let writer = state.writer { return writer }
            state.outputs = output.entries.map {
                .init(name: $0.name, shape: $0.shape(examples: examples, length: length))
            }
            let writer = try CheckpointWriter(
                file: url,
                tensors: state.outputs.map {
                    TensorDeclaration(name: $0.name, dtype: .float32, shape: $0.shape)
                }
            )
            state.writer = writer
            return writer
        }
    }
}
