internal import Tensors

/// What weighted vectors agree on: of each place, the entries that have the elected sign.
struct Consensus {
    private let agreeing: [Tensor]
    private let weights: [Float]

    /// Elects the sign of a sum, which is positive where the sum is 0.
    init(_ weighted: [Tensor], _ weights: [Float], electedBy sum: Tensor) {
        self.weights = weights
        agreeing = Self.agreeing(weighted, electedBy: sum)
    }

    /// The entries of each vector that have the sign of a sum, which is positive where the sum is 0.
    static func agreeing(_ vectors: [Tensor], electedBy sum: Tensor) -> [Tensor] {
        vectors.map { vector in
            var kept = vector
            kept.keep(signOf: sum, majority: 1)
            return kept
        }
    }

    /// The sum of the entries that agree.
    var sum: Tensor { agreeing.sum() }

    /// The sum of their weights.
    var weight: Tensor {
        var total = Tensor.zeros(agreeing[0].shape)
        for (vector, weight) in zip(agreeing, weights) {
            total.add(vector.isNonzero, times: weight)
        }
        return total
    }
}

extension [Tensor] {
    /// The sum of all.
    func sum() -> Tensor { dropFirst().reduce(into: self[0]) { $0.add($1) } }
}
