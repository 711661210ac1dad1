internal import CKernels

/// Sums of squared gradients, example by example: what diagonal Fisher information is made of.
extension Tensor {
    /// Adds `x²`, element by element.
    public mutating func addSquares(of other: Tensor) {
        precondition(count == other.count, "\(shape) + \(other.shape)²")
        let count = count
        unsafe withMutablePointer { unsafe mgk_add_squares(count, other.pointer, $0) }
    }

    /// Adds `(aₙᵀ·bₙ)²` for each sequence of rows n: the squared gradients of a weight.
    ///
    /// Each product is formed in strips that stay in the processor's cache. Where every sequence is
    /// one row, the sum of the squares is the product of the squares.
    ///
    /// # Shapes
    /// `a` `[rows, outputs]`, `b` `[rows, inputs]`, the sum `[outputs, inputs]`, where `inputs` may
    /// be several dimensions.
    public mutating func addSquares(ofProductsOf a: Tensor, with b: Tensor, _ sequences: Sequences)
    {
        let (outputs, inputs, rows) = (shape[0], rowWidth, sequences.tokens)
        precondition(a.count == rows * outputs && b.count == rows * inputs, "\(shape)")
        guard sequences.lengths.contains(where: { $0 != 1 }) else {
            let (squaresOfA, squaresOfB) = (a * a, b * b)
            unsafe withMutablePointer { out in
                unsafe BLAS.multiply(
                    MatrixView(squaresOfA.pointer, stride: outputs, transposed: true),
                    MatrixView(squaresOfB.pointer, stride: inputs),
                    into: out,
                    stride: inputs,
                    m: outputs,
                    n: inputs,
                    k: rows,
                    beta: 1
                )
            }
            return
        }
        // A quarter of a core's second cache.
        let strip = max(1, min(outputs, 65_536 / max(inputs, 1)))
        let scratch = Storage(uninitialized: strip * inputs)
        unsafe withMutablePointer { out in
            let product = unsafe scratch.buffer.baseAddress.unsafelyUnwrapped
            for sequence in 0..<sequences.count where sequences.lengths[sequence] > 0 {
                let first = sequences.offsets[sequence]
                for start in stride(from: 0, to: outputs, by: strip) {
                    let height = min(strip, outputs - start)
                    unsafe BLAS.multiply(
                        MatrixView(
                            a.pointer + first * outputs + start,
                            stride: outputs,
                            transposed: true
                        ),
                        MatrixView(b.pointer + first * inputs, stride: inputs),
                        into: product,
                        stride: inputs,
                        m: height,
                        n: inputs,
                        k: sequences.lengths[sequence]
                    )
                    unsafe mgk_add_squares(height * inputs, product, out + start * inputs)
                }
            }
        }
    }
}
