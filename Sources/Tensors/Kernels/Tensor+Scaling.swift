internal import CKernels

extension Tensor {
    /// Adds row `i` of another matrix times `factors[i]`.
    ///
    /// # Shapes
    /// `[rows, width]`, `factors` `[rows]`.
    public mutating func addRows(of other: Tensor, times factors: Tensor) {
        let width = count / max(factors.count, 1)
        precondition(
            other.count == count && width * factors.count == count,
            "\(factors.shape) factors, \(shape) + \(other.shape)"
        )
        // Each row is added to the same row of this tensor.
        unsafe withMutablePointer { out in
            for row in 0..<factors.count {
                unsafe mgk_accumulate(
                    width,
                    factors.pointer[row],
                    other.pointer + row * width,
                    out + row * width
                )
            }
        }
    }

    /// Row `i` times `factors[i]`.
    ///
    /// # Shapes
    /// `[rows, width]`, `factors` `[rows]`.
    public func scalingRows(by factors: Tensor) -> Tensor {
        let width = count / max(factors.count, 1)
        precondition(width * factors.count == count, "\(factors.shape) factors for \(shape)")
        // Each row of the result is written from the same row of this tensor.
        return unsafe Tensor(filling: shape) { out in
            for row in 0..<factors.count {
                unsafe mgk_scale(
                    width,
                    factors.pointer[row],
                    pointer + row * width,
                    out + row * width
                )
            }
        }
    }
}
