public import Tensors

/// Linear maps and products of matrices.
extension Variable {
    /// `x·Wᵀ + b + residual`: `dx = dy·W`, `dW = dyᵀ·x`, `db = Σ dy`, `dresidual = dy`.
    ///
    /// A residual with fewer rows is added again and again, and its cotangent summed. Who watches the
    /// weight is shown all rows of `x`, or those that `shown` says are real.
    ///
    /// # Shapes
    /// `x` `[rows, inputs]`, `weight` `[outputs, inputs]`, where `inputs` may be several
    /// dimensions, `bias` `[outputs]`, the result `[rows, outputs]`.
    public static func linear(
        _ x: Variable,
        _ weight: Variable,
        bias: Variable? = nil,
        adding residual: Variable? = nil,
        showing shown: [Int32]? = nil
    ) -> Variable {
        let (xValue, w) = (x.value, weight.value)
        if let watcher = weight.watcher { watcher(shown.map(xValue.rows) ?? xValue) }
        let y = Tensor.linear(xValue, w, bias: bias?.value, adding: residual?.value)
        let needsInput = x.isTracked
        let none = Variable(constant: Tensor([], repeating: 0))
        return Variable(y, from: x, weight, bias ?? none, residual ?? none) { dy in
            [
                needsInput ? .linear(dy, w) : .zero,
                .product(dy, xValue), .tensor(dy), .tensor(dy),
            ]
        }
    }

    /// `w·x` with constant weights, each row a sum over the rows of `x`: `dx = wᵀ·dy`.
    ///
    /// # Shapes
    /// `[rows, width]`, weights `[sums, rows]`, the result `[sums, width]`.
    public func sums(weightedBy weights: Tensor) -> Variable {
        Variable(.matmul(weights, value), from: self) { dy in [.product(weights, dy)] }
    }

    /// The products of matching matrices: `da = dy·bᵀ`, `db = aᵀ·dy`.
    ///
    /// # Shapes
    /// `[batch, m, k] · [batch, k, n] → [batch, m, n]`.
    public static func batchedMatmul(_ a: Variable, _ b: Variable) -> Variable {
        let (x, y) = (a.value, b.value)
        return Variable(.batchedMatmul(x, y), from: a, b) { dz in
            [
                .tensor(.batchedMatmul(dz, y, transposingB: true)),
                .tensor(.batchedMatmul(x, dz, transposingA: true)),
            ]
        }
    }
}
