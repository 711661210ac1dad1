internal import Checkpoints
internal import Tensors

/// What is stored in the place of a changed weight: the change alone.
public struct WeightChange: Sendable {
    /// How a change is stored.
    enum Form: Sendable {
        /// As the product of two factors.
        case lowRank(LowRankFactors)
        /// Entry by entry.
        case dense(TensorView)
        /// The entries that are not zero, with their places.
        case sparse(SparseEntries)
    }

    private let form: Form
    /// The weight that it changes, where that is not the base as the pool reads it.
    let original: TensorView?
    /// The format that the changed weight is rounded to.
    let rounding: DType?

    init(_ form: Form, of original: TensorView? = nil, rounding: DType? = nil) {
        (self.form, self.original, self.rounding) = (form, original, rounding)
    }

    /// The stored tensor that has an element for each of the weight's.
    var stored: TensorView? {
        if case .dense(let view) = form { view } else { original }
    }

    /// The factors of a change of the base as it is.
    var factors: LowRankFactors? {
        if case .lowRank(let factors) = form, original == nil { factors } else { nil }
    }

    /// The change in a block of whole rows, `[elements]`.
    func difference(in range: Range<Int>, shape: [Int]) throws -> Tensor {
        switch form {
        case .lowRank(let factors):
            let width = shape.dropFirst().reduce(1, *)
            let first = Int32(range.lowerBound / width)
            return factors.rows(Array(first..<Int32(range.upperBound / width)))
                .reshaped([range.count])
        case .dense(let view): return try view.block(range)
        case .sparse(let entries): return try entries.block(range)
        }
    }

    /// Some rows of the change of a table, `[rows, width]`.
    func difference(ofRows rows: [Int32], width: Int) throws -> Tensor {
        switch form {
        case .lowRank(let factors): return factors.rows(rows)
        case .dense(let view): return try view.rows(rows)
        case .sparse(let entries):
            let all = try rows.map { row in
                try entries.block(Int(row) * width..<(Int(row) + 1) * width).reshaped([1, width])
            }
            return all.isEmpty ? .zeros([0, width]) : Tensor(joiningRowsOf: all)
        }
    }
}

/// The factors of a change, `scale · B·A`, as low-rank adapters have it (LoRA, arXiv:2106.09685).
struct LowRankFactors: Sendable {
    /// `[rank, inputs]`.
    let a: Tensor
    /// `[outputs, rank]`.
    let b: Tensor
    let scale: Float

    /// The number of rows of `A` and columns of `B`.
    var rank: Int { a.shape[0] }

    /// Some rows of the product, `[rows, inputs]`.
    func rows(_ rows: [Int32]) -> Tensor { Tensor.matmul(b.rows(rows), a) * scale }
}
