package import Tensors

/// Differences of stored elements from a base, without decoding them first where that can be.
extension TensorView {
    /// `x − base` of the elements `x` in a range.
    package func difference(of elements: Range<Int>, from base: Tensor) throws -> Tensor {
        guard let kernel = dtype.differenceKernel else { return try tensor(of: elements) - base }
        return try withBytes { bytes in
            kernel(bytes.extracting(bytesOf(elements, kernel.size)), minus: base)
        }
    }

    /// Adds `factor · (x − base)` of the elements `x` in a range to as many sums.
    package func addDifferences(
        in elements: Range<Int>,
        from base: Tensor,
        times factor: Float,
        to sum: inout Tensor
    ) throws {
        guard let kernel = dtype.differenceKernel else {
            return sum.add(try tensor(of: elements) - base, times: factor)
        }
        try withBytes { bytes in
            kernel.add(
                bytes.extracting(bytesOf(elements, kernel.size)),
                minus: base,
                times: factor,
                to: &sum
            )
        }
    }

    /// `Σ gᵢ·(xᵢ − baseᵢ)`, in double, of the elements `x` and those of a gradient in a range.
    package func dotDifferences(
        in elements: Range<Int>,
        from base: Tensor,
        with gradient: Tensor
    ) throws -> Double {
        guard let kernel = dtype.differenceKernel else {
            return gradient.dot(try tensor(of: elements) - base, in: elements)
        }
        return try withBytes { bytes in
            kernel.dot(
                gradient,
                from: elements.lowerBound,
                bytes.extracting(bytesOf(elements, kernel.size)),
                minus: base
            )
        }
    }

    private func bytesOf(_ elements: Range<Int>, _ size: Int) -> Range<Int> {
        elements.lowerBound * size..<elements.upperBound * size
    }
}

extension DType {
    /// Reads elements against a base; `nil` for formats that models are hardly stored in.
    fileprivate var differenceKernel: DifferenceKernel? {
        switch self {
        case .bfloat16: .bfloat16
        case .float16: .float16
        case .float32: .float32
        default: nil
        }
    }
}
