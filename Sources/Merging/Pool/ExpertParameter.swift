internal import Checkpoints
internal import Tensors

/// One parameter of one expert, read where it lies.
public enum ExpertParameter: Sendable {
    /// The fine-tuned parameter itself.
    case dense(ParameterView)
    /// A change of the base, or of another model: an adapter's, or a task vector that was stored.
    case changed(WeightChange)
    /// The expert left this parameter as the base has it.
    case unchanged

    /// The parameter where it is stored itself; `nil` where a change is, or nothing.
    var whole: ParameterView? { if case .dense(let view) = self { view } else { nil } }

    /// What is read for it, but for an adapter's factors.
    var view: ParameterView? {
        switch self {
        case .dense(let view): view
        case .changed(let change): change.stored.map { ParameterView($0) }
        case .unchanged: nil
        }
    }

    /// `θₖ − θ₀` in float32, for the elements in `range`, which spans whole rows of a matrix.
    func difference(in range: Range<Int>, base: Tensor, shape: [Int]) throws -> Tensor {
        switch self {
        case .dense(let view):
            return try view.difference(in: range, from: base)
        case .changed(let change):
            let difference = try change.difference(in: range, shape: shape)
            guard let original = try change.original?.block(range) else { return difference }
            return (original + difference).rounded(to: change.rounding) - base
        case .unchanged:
            return .zeros([range.count])
        }
    }

    /// `θₖ` in float32, for the elements in `range`, which spans whole rows of a matrix.
    func elements(in range: Range<Int>, base: Tensor?, shape: [Int]) throws -> Tensor {
        switch self {
        case .dense(let view):
            return try view.block(range)
        case .changed(let change):
            guard let original = try change.original?.block(range) ?? base else {
                throw MergeError.adapterWithoutBase
            }
            let difference = try change.difference(in: range, shape: shape)
            return (original + difference).rounded(to: change.rounding)
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
        case .changed(let change):
            let difference = try change.difference(ofRows: rows, width: base.rowWidth)
            guard let original = try change.original?.rows(rows) else { return difference }
            return (original + difference).rounded(to: change.rounding) - base
        case .unchanged:
            return .zeros(base.shape)
        }
    }
}
