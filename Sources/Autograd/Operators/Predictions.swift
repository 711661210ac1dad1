public import Tensors

/// Losses of rows of logits `[rows, classes]`, one number per row, in nats.
extension Variable {
    /// Entropy of the predicted distribution: `dz = −p · (log p + H)`.
    public func softmaxEntropy() -> Variable {
        loss(value.entropies(withGradient: isTracked))
    }

    /// Divergence from a target distribution, given by its logarithms: `dz = p − q`.
    public func divergence(from logTarget: Tensor) -> Variable {
        loss(value.divergences(from: logTarget, withGradient: isTracked))
    }

    /// Negative log-likelihood of the labels: `dz = p − onehot`.
    public func crossEntropy(labels: [Int32]) -> Variable {
        loss(value.crossEntropies(labels: labels, withGradient: isTracked))
    }

    /// Entropy of probabilities `[classes]` that sum to 1: `dp = −log p − 1`, as one number.
    public func distributionEntropy() -> Variable { loss(value.distributionEntropy()) }

    private func loss(_ losses: RowLosses) -> Variable {
        guard let gradient = losses.gradient else { return Variable(constant: losses.values) }
        return Variable(losses.values, from: self) { dy in
            [.tensor(gradient.scalingRows(by: dy))]
        }
    }
}
