internal import CKernels

/// Sums, accumulated in double.
extension Tensor {
    /// The sum of all elements.
    public func sum() -> Double { unsafe mgk_sum(count, pointer) }

    /// The inner product of two tensors of equal count.
    public func dot(_ other: Tensor) -> Double {
        precondition(count == other.count, "\(shape) · \(other.shape)")
        return unsafe mgk_dot(count, pointer, other.pointer)
    }

    /// The Euclidean norm of all elements.
    public var norm: Double { dot(self).squareRoot() }

    /// The inner products of matching rows of two matrices of `width` columns.
    public func rowDots(_ other: Tensor, width: Int) -> [Double] {
        precondition(
            count == other.count && count % max(width, 1) == 0,
            "\(shape), rows of \(width)"
        )
        // Both tensors hold a whole row behind every start.
        return stride(from: 0, to: count, by: max(width, 1)).map { start in
            unsafe mgk_dot(width, pointer + start, other.pointer + start)
        }
    }

    /// `Σ p·ln(p/q)` of each row of `width` columns, `p` and `q` the softmaxes of this row and the
    /// other's, both plus a number that keeps them off zero.
    public func rowDivergences(
        from other: Tensor,
        width: Int,
        adding number: Double
    ) -> [Double] {
        precondition(
            count == other.count && count % max(width, 1) == 0,
            "\(shape), rows of \(width)"
        )
        // Both tensors hold a whole row behind every start.
        return stride(from: 0, to: count, by: max(width, 1)).map { start in
            unsafe mgk_divergence(width, number, pointer + start, other.pointer + start)
        }
    }

    /// The inner products of matching columns of two matrices `[rows, width]`.
    public func columnDots(_ other: Tensor) -> [Double] {
        precondition(shape == other.shape, "\(shape) and \(other.shape)")
        let width = rowWidth
        var sums = [Double](repeating: 0, count: width)
        withSpan { a in
            other.withSpan { b in
                for start in stride(from: 0, to: a.count, by: max(width, 1)) {
                    for column in 0..<width {
                        sums[column] += Double(a[start + column]) * Double(b[start + column])
                    }
                }
            }
        }
        return sums
    }

    /// The inner products of matching rows of two matrices `[rows, width]`, each in double.
    public func rowDots(_ other: Tensor) -> Tensor {
        precondition(shape == other.shape, "\(shape) and \(other.shape)")
        let width = rowWidth
        return unsafe Tensor(filling: [shape[0]]) { out in
            for row in 0..<shape[0] {
                let start = row * width
                unsafe out[row] = Float(mgk_dot(width, pointer + start, other.pointer + start))
            }
        }
    }

    /// The sums of the leading dimensions, so that `shape` remains.
    ///
    /// This is what turns the cotangent of a broadcast value into that of the value itself.
    public func summed(to shape: [Int]) -> Tensor {
        let width = shape.reduce(1, *)
        guard width != count else { return reshaped(shape) }
        precondition(width > 0 && count % width == 0, "\(self.shape) does not sum to \(shape)")
        return unsafe Tensor(filling: shape) { out in
            unsafe out.update(repeating: 0, count: width)
            unsafe mgk_column_sums(count / width, width, pointer, out)
        }
    }

    /// The largest magnitude; 0 for an empty tensor.
    public var largestMagnitude: Float {
        withSpan { span in
            var largest: Float = 0
            for i in span.indices { largest = max(largest, abs(span[i])) }
            return largest
        }
    }

    /// Whether no element is infinite or not a number.
    public var isFinite: Bool {
        // A sum of zeros is zero unless an element was not finite: 0 · ∞ and 0 · NaN are NaN.
        (self * 0).sum() == 0
    }
}
