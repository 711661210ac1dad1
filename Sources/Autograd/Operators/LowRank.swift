internal import Tensors

/// Weights with low-rank updates.
extension Variable {
    /// `W + s·B·A`, a weight with a low-rank update (arXiv:2106.09685): `dA = s·Bᵀ·dW`,
    /// `dB = s·dW·Aᵀ`.
    ///
    /// To learn A and B, form the weight once a step, let the graphs of all micro-batches end at a
    /// parameter of its value, and pull the sum of their gradients back through this at the end.
    ///
    /// # Shapes
    /// This weight and the result `[outputs, inputs]`, `b` `[outputs, rank]`, `a` `[rank, inputs]`.
    public func adding(_ b: Variable, times a: Variable, scale: Float) -> Variable {
        let (bValue, aValue) = (b.value, a.value)
        var sum = value
        sum.add(.matmul(bValue, aValue), times: scale)
        return Variable(sum, from: self, b, a) { dW in
            let scaled = dW * scale
            return [
                .tensor(dW),
                .tensor(.matmul(scaled, aValue, transposingB: true)),
                .tensor(.matmul(bValue, scaled, transposingA: true)),
            ]
        }
    }
}
