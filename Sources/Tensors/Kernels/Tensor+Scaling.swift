internal import CKernels

extension Tensor {
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
