internal import CKernels

/// Differences between the numbers of one file format and a base, read where the numbers lie.
///
/// The bytes are little-endian and need no alignment. The bits are those of decoding first.
@safe package struct DifferenceKernel: Sendable {
    private typealias Addition =
        @convention(c) @Sendable (
            Int, Float, UnsafeRawPointer, UnsafePointer<Float>, UnsafeMutablePointer<Float>
        ) -> Void
    private typealias Difference =
        @convention(c) @Sendable (
            Int, UnsafeRawPointer, UnsafePointer<Float>, UnsafeMutablePointer<Float>
        ) -> Void
    private typealias Product =
        @convention(c) @Sendable (
            Int, UnsafePointer<Float>, UnsafeRawPointer, UnsafePointer<Float>
        ) -> Double

    /// The bytes of one number.
    package let size: Int
    private let addition: Addition
    private let difference: Difference
    private let product: Product

    private init(
        _ addition: Addition,
        _ difference: Difference,
        _ product: Product,
        size: Int
    ) {
        unsafe (self.addition, self.difference, self.product) =
            unsafe (addition, difference, product)
        self.size = size
    }

    /// `x − base` of the numbers `x` in `source`, which holds as many as the base.
    package func callAsFunction(_ source: RawSpan, minus base: Tensor) -> Tensor {
        let count = base.count
        precondition(source.byteCount == count * size, "as many numbers")
        return unsafe Tensor(filling: [count]) { out in
            unsafe source.withUnsafeBytes { source in
                // Only an empty span has no address. The counts agree by the precondition.
                guard let from = source.baseAddress else { return }
                unsafe difference(count, from, base.pointer, out)
            }
        }
    }

    /// Adds `factor · (x − base)` of the numbers `x` in `source` to as many sums.
    package func add(
        _ source: RawSpan,
        minus base: Tensor,
        times factor: Float,
        to sum: inout Tensor
    ) {
        let count = base.count
        precondition(source.byteCount == count * size && sum.count == count, "as many numbers")
        unsafe source.withUnsafeBytes { source in
            // Only an empty span has no address. The counts agree by the precondition.
            guard let from = source.baseAddress else { return }
            unsafe sum.withMutablePointer { unsafe addition(count, factor, from, base.pointer, $0) }
        }
    }

    /// `Σ gᵢ·(xᵢ − baseᵢ)`, in double, of the numbers `x` in `source` and the elements `g` of
    /// `gradient` that begin at `start`.
    package func dot(
        _ gradient: Tensor,
        from start: Int,
        _ source: RawSpan,
        minus base: Tensor
    ) -> Double {
        let count = base.count
        precondition(source.byteCount == count * size, "as many numbers")
        precondition(start >= 0 && start + count <= gradient.count, "\(start) of \(gradient.shape)")
        return unsafe source.withUnsafeBytes { source in
            // Only an empty span has no address. The counts agree by the preconditions.
            guard let from = source.baseAddress else { return 0 }
            return unsafe product(count, gradient.pointer + start, from, base.pointer)
        }
    }
}

extension DifferenceKernel {
    package static let bfloat16 = unsafe DifferenceKernel(
        mgk_add_difference_bf16,
        mgk_difference_bf16,
        mgk_dot_difference_bf16,
        size: 2
    )
    package static let float16 = unsafe DifferenceKernel(
        mgk_add_difference_f16,
        mgk_difference_f16,
        mgk_dot_difference_f16,
        size: 2
    )
    package static let float32 = unsafe DifferenceKernel(
        mgk_add_difference_f32,
        mgk_difference_f32,
        mgk_dot_difference_f32,
        size: 4
    )
}
