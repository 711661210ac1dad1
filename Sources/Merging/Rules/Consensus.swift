internal import Tensors

/// What weighted vectors agree on: of each place, the entries that have the elected sign.
struct Consensus {
    /// The sum of the entries that agree.
    let sum: Tensor
    /// The sum of their weights.
    let weight: Tensor

    /// Elects the sign of a sum, which is positive where the sum is 0.
    init(_ weighted: [Tensor], _ weights: [Float], electedBy elected: Tensor) {
        var (sum, weight) = (Tensor.zeros(elected.shape), Tensor.zeros(elected.shape))
        for (vector, own) in zip(weighted, weights) {
            elected.addAgreeing(vector, weight: own, to: &sum, weights: &weight)
        }
        (self.sum, self.weight) = (sum, weight)
    }

    /// The entries of each vector that have the sign of a sum, which is positive where the sum is 0.
    static func agreeing(_ vectors: [Tensor], electedBy sum: Tensor) -> [Tensor] {
        vectors.map { vector in
            var kept = vector
            kept.keep(signOf: sum, majority: 1)
            return kept
        }
    }
}

extension [Tensor] {
    /// The sum of all.
    func sum() -> Tensor { dropFirst().reduce(into: self[0]) { $0.add($1) } }
}
