public import Tensors

extension [Tensor] {
    /// The Euclidean norm of all tensors together.
    public var norm: Double {
        reduce(0) { $0 + $1.dot($1) }.squareRoot()
    }

    /// Scales all tensors by one factor so that their common norm is at most `limit`.
    public mutating func clip(toNorm limit: Double) {
        let norm = norm
        // PyTorch's clip_grad_norm_ divides by the norm plus this epsilon.
        guard norm > limit else { return }
        let factor = Float(limit / (norm + 1e-6))
        for index in indices { self[index] = self[index] * factor }
    }
}
