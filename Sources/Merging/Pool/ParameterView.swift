public import Checkpoints
public import Tensors

/// A stored parameter as a merge reads it: as float32, rounded to the recipe's `dtype` first where
/// it names one.
public struct ParameterView: Sendable {
    /// The tensor in its file; where its rows are laid out anew, the model's own.
    public let stored: TensorView
    /// Its rows, where they are laid out anew.
    private let table: GatheredTable?
    /// The format that every element is rounded to; `nil` where that would change nothing.
    private let rounding: DType?

    init(_ stored: TensorView, rounding: DType? = nil) {
        (self.stored, table) = (stored, nil)
        self.rounding = rounding == stored.dtype ? nil : rounding
    }

    /// A table whose rows are laid out anew; means are rounded as well.
    init(_ stored: TensorView, gathered table: GatheredTable, rounding: DType?) {
        (self.stored, self.table, self.rounding) = (stored, table, rounding)
    }

    /// All elements.
    public func tensor() throws -> Tensor {
        try (table?.tensor() ?? stored.tensor()).rounded(to: rounding)
    }

    /// Some rows of a table `[rows, width]`, in the order asked for.
    public func rows(_ indices: [Int32]) throws -> Tensor {
        try (table?.rows(indices) ?? stored.rows(indices)).rounded(to: rounding)
    }

    /// `θ − base` in `range`; the base holds that range alone.
    func difference(in range: Range<Int>, from base: Tensor) throws -> Tensor {
        guard rounding == nil, table == nil else { return try block(range) - base }
        return try stored.difference(of: range, from: base)
    }

    /// Adds `factor · (θ − base)` in `range` to a sum; the base and the sum hold that range alone.
    func addDifferences(
        in range: Range<Int>,
        from base: Tensor,
        times factor: Float,
        to sum: inout Tensor
    ) throws {
        guard rounding == nil, table == nil else {
            return sum.add(try block(range) - base, times: factor)
        }
        try stored.addDifferences(in: range, from: base, times: factor, to: &sum)
    }

    /// `⟨g, θ − base⟩` over `range`, in double; the base holds that range alone.
    func dotDifferences(
        in range: Range<Int>,
        from base: Tensor,
        with gradient: Tensor
    ) throws -> Double {
        guard rounding == nil, table == nil else {
            return gradient.dot(try block(range) - base, in: range)
        }
        return try stored.dotDifferences(in: range, from: base, with: gradient)
    }

    /// The elements in `range`, in row-major order.
    func block(_ range: Range<Int>) throws -> Tensor {
        try unrounded(range).rounded(to: rounding)
    }

    /// The elements in `range` as they are stored.
    func unrounded(_ range: Range<Int>) throws -> Tensor {
        try table?.block(range) ?? stored.block(range)
    }
}

extension TensorView {
    /// The elements in `range` as float32.
    func block(_ range: Range<Int>) throws -> Tensor { try tensor(of: range) }
}

extension Tensor {
    /// The elements as a format of 16 bits can hold them; wider ones hold every float32.
    func rounded(to dtype: DType?) -> Tensor {
        switch dtype {
        case .bfloat16: rounded(by: .bfloat16, .bfloat16)
        case .float16: rounded(by: .float16, .float16)
        default: self
        }
    }

    /// The first position that holds an infinity or a NaN.
    var firstNonFinite: Int? { withSpan { $0.firstNonFinite() } }
}
