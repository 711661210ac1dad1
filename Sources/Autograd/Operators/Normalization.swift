internal import Tensors

/// Normalization of rows.
extension Variable {
    /// `(x − mean) / √(variance + ε) · weight + bias`, row by row (arXiv:1607.06450).
    ///
    /// With `x̂` the normalized row and `g = dy · weight`:
    /// `dx = (g − mean(g) − x̂ · mean(g · x̂)) / √(variance + ε)`.
    public func layerNorm(weight: Variable, bias: Variable, epsilon: Float) -> Variable {
        let (x, w) = (value, weight.value)
        let (y, statistics) = x.layerNorm(weight: w, bias: bias.value, epsilon: epsilon)
        let keepsRows = weight.keepsRows || bias.keepsRows
        return Variable(y, from: self, weight, bias) { dy in
            let d = x.layerNormPullback(dy, weight: w, statistics: statistics)
            guard keepsRows else { return [.tensor(d.input), .tensor(d.weight), .tensor(d.bias)] }
            return [.tensor(d.input), .tensor(dy * x.normalized(epsilon: epsilon)), .tensor(dy)]
        }
    }

    /// `x / √(mean(x²) + ε) · (weight + offset)`, row by row (arXiv:1910.07467).
    ///
    /// With `r` the inverse root and `g = dy · (weight + offset)`:
    /// `dx = r · g − x · r³ · mean(g · x)`.
    public func rmsNorm(weight: Variable, offset: Float = 0, epsilon: Float) -> Variable {
        let (x, w) = (value, weight.value)
        let (y, statistics) = x.rmsNorm(weight: w, offset: offset, epsilon: epsilon)
        let keepsRows = weight.keepsRows
        return Variable(y, from: self, weight) { dy in
            let d = x.rmsNormPullback(dy, weight: w, offset: offset, statistics: statistics)
            guard keepsRows else { return [.tensor(d.input), .tensor(d.weight)] }
            let ones = Tensor(w.shape, repeating: 1)
            return [
                .tensor(d.input), .tensor(dy * x.rmsNorm(weight: ones, epsilon: epsilon).value),
            ]
        }
    }

    /// Rows scaled to unit Euclidean length: an RMS norm, up to the root of the width.
    public func unitRows() -> Variable {
        let width = value.rowWidth
        let weight = Tensor([width], repeating: 1 / Float(width).squareRoot())
        return rmsNorm(weight: Variable(constant: weight), epsilon: 0)
    }

    /// Softmax of the last dimension: `dx = p · (dy − Σ dy · p)`.
    public func softmax() -> Variable {
        let p = value.softmax()
        return Variable(p, from: self) { dy in [.tensor(p.softmaxPullback(dy))] }
    }
}

extension Tensor {
    /// `(x − mean) / √(variance + ε)`, row by row.
    fileprivate func normalized(epsilon: Float) -> Tensor {
        let width = shape[shape.count - 1]
        return layerNorm(
            weight: Tensor([width], repeating: 1),
            bias: .zeros([width]),
            epsilon: epsilon
        ).value
    }
}
