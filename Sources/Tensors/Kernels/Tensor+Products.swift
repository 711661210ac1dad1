/// Matrix products.
extension Tensor {
    /// The product of two matrices, each transposed first where asked.
    ///
    /// # Shapes
    /// `[m, k] · [k, n] → [m, n]`.
    public static func matmul(
        _ a: Tensor,
        _ b: Tensor,
        transposingA: Bool = false,
        transposingB: Bool = false
    ) -> Tensor {
        precondition(a.shape.count == 2 && b.shape.count == 2, "matmul takes two matrices")
        return batchedMatmul(
            a.reshaped([1] + a.shape),
            b.reshaped([1] + b.shape),
            transposingA: transposingA,
            transposingB: transposingB
        ).droppingFirstDimension()
    }

    /// The products of matching matrices of two batches.
    ///
    /// # Shapes
    /// `[batch, m, k] · [batch, k, n] → [batch, m, n]`.
    public static func batchedMatmul(
        _ a: Tensor,
        _ b: Tensor,
        transposingA: Bool = false,
        transposingB: Bool = false
    ) -> Tensor {
        precondition(a.shape.count == 3 && b.shape.count == 3 && a.shape[0] == b.shape[0])
        let (m, k) = transposingA ? (a.shape[2], a.shape[1]) : (a.shape[1], a.shape[2])
        let (inner, n) = transposingB ? (b.shape[2], b.shape[1]) : (b.shape[1], b.shape[2])
        precondition(k == inner, "inner dimensions \(k) and \(inner) differ")
        // Every matrix lies inside its tensor: the offsets are multiples of whole matrices.
        return unsafe Tensor(filling: [a.shape[0], m, n]) { out in
            for i in 0..<a.shape[0] {
                unsafe BLAS.multiply(
                    MatrixView(
                        a.pointer + i * m * k,
                        stride: a.shape[2],
                        transposed: transposingA
                    ),
                    MatrixView(
                        b.pointer + i * k * n,
                        stride: b.shape[2],
                        transposed: transposingB
                    ),
                    into: out + i * m * n,
                    stride: n,
                    m: m,
                    n: n,
                    k: k
                )
            }
        }
    }

    /// `x·Wᵀ + b + residual`: a linear map with its weight as checkpoints store it.
    ///
    /// The bias and the residual are laid down first and the product is added onto them, so neither
    /// costs a pass of its own. A residual with fewer rows is laid down again and again.
    ///
    /// # Shapes
    /// `x` `[…, inputs]`, `weight` `[outputs, inputs]`, where `inputs` may be several dimensions,
    /// `bias` `[outputs]`, `residual` and the result `[…, outputs]`.
    public static func linear(
        _ x: Tensor,
        _ weight: Tensor,
        bias: Tensor? = nil,
        adding residual: Tensor? = nil
    ) -> Tensor {
        let (outputs, inputs) = (weight.shape[0], weight.rowWidth)
        precondition(x.shape.last == inputs, "\(x.shape) does not enter \(weight.shape)")
        precondition(bias.map { $0.count == outputs } ?? true)
        let rows = x.count / max(inputs, 1)
        precondition(
            residual.map { rows * outputs % max($0.count, 1) == 0 } ?? true,
            "a residual of \(residual?.shape ?? []) for \(rows) rows of \(outputs)"
        )
        // `rows · outputs` elements are written before the product reads them back.
        return unsafe Tensor(filling: x.shape.dropLast() + [outputs]) { out in
            if let residual {
                for start in stride(from: 0, to: rows * outputs, by: max(residual.count, 1)) {
                    unsafe (out + start).update(from: residual.pointer, count: residual.count)
                }
                if let bias {
                    for row in 0..<rows {
                        unsafe addRow(bias.pointer, to: out + row * outputs, count: outputs)
                    }
                }
            } else if let bias {
                for row in 0..<rows {
                    unsafe (out + row * outputs).update(from: bias.pointer, count: outputs)
                }
            }
            unsafe BLAS.multiply(
                MatrixView(x.pointer, stride: inputs),
                MatrixView(weight.pointer, stride: inputs, transposed: true),
                into: out,
                stride: outputs,
                m: rows,
                n: outputs,
                k: inputs,
                beta: bias == nil && residual == nil ? 0 : 1
            )
        }
    }

    /// `dy·W`: how a cotangent flows back through a linear map to its input.
    public static func linearPullback(_ cotangent: Tensor, _ weight: Tensor) -> Tensor {
        let (outputs, inputs) = (weight.shape[0], weight.rowWidth)
        let rows = cotangent.count / max(outputs, 1)
        return matmul(cotangent.reshaped([rows, outputs]), weight.reshaped([outputs, inputs]))
            .reshaped(cotangent.shape.dropLast() + [inputs])
    }

    /// Adds `dy·W` in place.
    public mutating func add(linearPullbackOf cotangent: Tensor, _ weight: Tensor) {
        let (outputs, inputs) = (weight.shape[0], weight.rowWidth)
        let rows = cotangent.count / max(outputs, 1)
        precondition(cotangent.count == rows * outputs && count == rows * inputs, "\(shape)")
        unsafe withMutablePointer { out in
            unsafe BLAS.multiply(
                MatrixView(cotangent.pointer, stride: outputs),
                MatrixView(weight.pointer, stride: inputs),
                into: out,
                stride: inputs,
                m: rows,
                n: inputs,
                k: outputs,
                beta: 1
            )
        }
    }

    func droppingFirstDimension() -> Tensor { reshaped(Array(shape.dropFirst())) }
}
