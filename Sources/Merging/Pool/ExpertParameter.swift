public import Checkpoints
public import Tensors

/// One parameter of one expert, read where it lies.
public enum ExpertParameter: Sendable {
    /// The fine-tuned parameter itself.
    case dense(TensorView)
    /// A low-rank change of the base (LoRA, arXiv:2106.09685): `scale · B·A` of `A` `[rank, inputs]`
    /// and `B` `[outputs, rank]`.
    case lowRank(a: Tensor, b: Tensor, scale: Float)
    /// The expert left this parameter as the base has it.
    case unchanged

    /// `θₖ − θ₀` in float32, for the elements in `range`, which spans whole rows of a matrix.
    func difference(in range: Range<Int>, base: Tensor, shape: [Int]) throws -> Tensor {
        switch self {
        case .dense(let view):
            return try view.block(range) - base
        case .lowRank(let a, let b, let scale):
            let width = shape.dropFirst().reduce(1, *)
            let rows = Int32(range.lowerBound / width)..<Int32(range.upperBound / width)
            return (Tensor.matmul(b.rows(Array(rows)), a) * scale).reshaped([range.count])
        case .unchanged:
            return .zeros([range.count])
        }
    }

    /// `θₖ` in float32, for the elements in `range`, which spans whole rows of a matrix.
    func elements(in range: Range<Int>, base: Tensor?, shape: [Int]) throws -> Tensor {
        if case .dense(let view) = self { return try view.block(range) }
        guard let base else { throw MergeError.adapterWithoutBase }
        return try base + difference(in: range, base: base, shape: shape)
    }

    /// `θₖ − θ₀` in float32 for some rows of a table.
    func difference(ofRows rows: [Int32], base: Tensor) throws -> Tensor {
        switch self {
        case .dense(let view): try view.rows(rows) - base
        case .lowRank(let a, let b, let scale): Tensor.matmul(b.rows(rows), a) * scale
        case .unchanged: .zeros(base.shape)
        }
    }
}

extension TensorView {
    /// The elements in `range` as float32.
    func block(_ range: Range<Int>) throws -> Tensor {
        try Tensor([range.count]) { output in
            output.append(repeating: 0, count: range.count)
            var elements = output.mutableSpan
            try decode(range, into: &elements)
        }
    }
}
