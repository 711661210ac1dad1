public import Tensors

/// Task vectors trimmed to their largest entries and freed of those that go against the majority:
/// TIES's first two steps (arXiv:2306.01708), each expert's vector kept apart.
///
/// Filtered block by block as they are read; nothing is stored but a threshold per expert.
public struct ElectedTaskVectors: TaskVectors {
    /// The models and their parameters.
    public let pool: ModelPool
    private let thresholds: [Float]
    /// The sign where the trimmed entries cancel: that of the sum of all elected signs.
    private let majority: Float

    /// Trims each expert's vector to the largest entries of the whole model, and elects signs.
    ///
    /// `densities` are the shares of entries that the experts keep.
    public init(_ pool: ModelPool, densities: [Double], workers: Workers) throws {
        self.pool = pool
        let thresholds = try Trimmings.of(pool, densities: densities, workers: workers)
        self.thresholds = thresholds
        let balances = try workers.map(pool.parameters.count) { index in
            let parameter = pool.parameters[index]
            return try Blocks.of(shape: parameter.shape).reduce(0) { balance, range in
                guard let base = try parameter.base?.block(range) else { return balance }
                let trimmed = try Self.trimmed(parameter, thresholds) {
                    try $0.difference(in: range, base: base, shape: parameter.shape)
                }
                return balance + Self.sum(trimmed).signBalance
            }
        }
        majority = Float(balances.reduce(0, +).signum())
    }

    /// The task vectors of all experts in one block of a parameter.
    public func differences(
        of parameter: ModelPool.Parameter,
        in range: Range<Int>,
        base: Tensor
    ) throws -> [Tensor] {
        elected(
            try Self.trimmed(parameter, thresholds) {
                try $0.difference(in: range, base: base, shape: parameter.shape)
            }
        )
    }

    /// The task vectors of all experts in some rows of a table.
    public func differences(
        of parameter: ModelPool.Parameter,
        rows: [Int32],
        base: Tensor
    ) throws -> [Tensor] {
        elected(
            try Self.trimmed(parameter, thresholds) { try $0.difference(ofRows: rows, base: base) }
        )
    }

    private func elected(_ trimmed: [Tensor]) -> [Tensor] {
        let sum = Self.sum(trimmed)
        return trimmed.map { vector in
            var kept = vector
            kept.keep(signOf: sum, majority: majority)
            return kept
        }
    }

    private static func trimmed(
        _ parameter: ModelPool.Parameter,
        _ thresholds: [Float],
        _ difference: (ExpertParameter) throws -> Tensor
    ) throws -> [Tensor] {
        try zip(parameter.experts, thresholds).map { expert, threshold in
            var vector = try difference(expert)
            vector.trim(below: threshold)
            return vector
        }
    }

    private static func sum(_ vectors: [Tensor]) -> Tensor {
        vectors.dropFirst().reduce(into: vectors[0]) { $0.add($1) }
    }
}
