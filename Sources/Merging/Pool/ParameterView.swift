public import Checkpoints
public import Tensors

/// A stored parameter as a merge reads it: as float32, rounded to the recipe's `dtype` first where
/// it names one.
public struct ParameterView: Sendable {
    /// The tensor in its file.
    public let stored: TensorView
    /// The format that every element is rounded to; `nil` where that would change nothing.
    private let rounding: DType?

    init(_ stored: TensorView, rounding: DType? = nil) {
        self.stored = stored
        self.rounding = rounding == stored.dtype ? nil : rounding
    }

    /// All elements.
    public func tensor() throws -> Tensor { try stored.tensor().rounded(to: rounding) }

    /// Some rows of a table `[rows, width]`, in the order asked for.
    public func rows(_ indices: [Int32]) throws -> Tensor {
        try stored.rows(indices).rounded(to: rounding)
    }

    /// Adds `factor · (θ − base)` in `range` to a sum; the base and the sum hold that range alone.
    func addDifferences(
        in range: Range<Int>,
        from base: Tensor,
        times factor: Float,
        to sum: inout Tensor
    ) throws {
        guard rounding == nil else { return sum.add(try block(range) - base, times: factor) }
        try stored.addDifferences(in: range, from: base, times: factor, to: &sum)
    }

    /// `⟨g, θ − base⟩` over `range`, in double; the base holds that range alone.
    func dotDifferences(
        in range: Range<Int>,
        from base: Tensor,
        with gradient: Tensor
    ) throws -> Double {
        guard rounding == nil else { return gradient.dot(try block(range) - base, in: range) }
        return try stored.dotDifferences(in: range, from: base, with: gradient)
    }

    /// The elements in `range`, in row-major order.
    func block(_ range: Range<Int>) throws -> Tensor {
        try stored.block(range).rounded(to: rounding)
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
