internal import Checkpoints
internal import Tensors

/// One parameter of one expert, read where it lies.
public enum ExpertParameter: Sendable {
    /// The fine-tuned parameter itself.
    case dense(ParameterView)
    /// A low-rank change of the base, or of another model.
    case lowRank(LowRankChange)
    /// The expert left this parameter as the base has it.
    case unchanged

    /// What is read for it, but for an adapter's factors.
    var view: ParameterView? {
        switch self {
        case .dense(let view): view
        case .lowRank(let change): change.original.map { ParameterView($0) }
        case .unchanged: nil
        }
    }

    /// `θₖ − θ₀` in float32, for the elements in `range`, which spans whole rows of a matrix.
    func difference(in range: Range<Int>, base: Tensor, shape: [Int]) throws -> Tensor {
        switch self {
        case .dense(let view):
            return try view.block(range) - base
        case .lowRank(let change):
            let product = change.rows(of: range, shape: shape)
            guard let original = try change.original?.block(range) else { return product }
            return (original + product).rounded(to: change.rounding) - base
        case .unchanged:
            return .zeros([range.count])
        }
    }

    /// `θₖ` in float32, for the elements in `range`, which spans whole rows of a matrix.
    func elements(in range: Range<Int>, base: Tensor?, shape: [Int]) throws -> Tensor {
        switch self {
        case .dense(let view):
            return try view.block(range)
        case .lowRank(let change):
            guard let original = try change.original?.block(range) ?? base else {
                throw MergeError.adapterWithoutBase
            }
            return (original + change.rows(of: range, shape: shape)).rounded(to: change.rounding)
        case .unchanged:
            guard let base else { throw MergeError.adapterWithoutBase }
            return base
        }
    }

    /// `θₖ − θ₀` in float32 for some rows of a table.
    func difference(ofRows rows: [Int32], base: Tensor) throws -> Tensor {
        switch self {
        case .dense(let view):
            return try view.rows(rows) - base
        case .lowRank(let change):
            let product = change.rows(rows)
            guard let original = try change.original?.rows(rows) else { return product }
            return (original + product).rounded(to: change.rounding) - base
        case .unchanged:
            return .zeros(base.shape)
        }
    }
}

/// What a low-rank adapter (LoRA, arXiv:2106.09685) adds to a weight: `scale · B·A`.
public struct LowRankChange: Sendable {
    /// `[rank, inputs]`.
    let a: Tensor
    /// `[outputs, rank]`.
    let b: Tensor
    let scale: Float
    /// The weight that it changes, where that is not the base as the pool reads it.
    let original: TensorView?
    /// The format that the changed weight is rounded to.
    let rounding: DType?

    /// The rows of the change that a block of whole rows covers, `[elements]`.
    fileprivate func rows(of range: Range<Int>, shape: [Int]) -> Tensor {
        let width = shape.dropFirst().reduce(1, *)
        let first = Int32(range.lowerBound / width)
        return rows(Array(first..<Int32(range.upperBound / width))).reshaped([range.count])
    }

    /// Some rows of the change, `[rows, inputs]`.
    fileprivate func rows(_ rows: [Int32]) -> Tensor {
        Tensor.matmul(b.rows(rows), a) * scale
    }
}
