public import Tensors

/// Task vectors trimmed to their largest entries and freed of those that go against the majority:
/// TIES's first two steps (arXiv:2306.01708), each expert's vector kept apart.
///
/// Filtered block by block as they are read; nothing is stored but a threshold per expert.
public struct ElectedTaskVectors: TaskVectors {
    /// The models and their parameters.
    public var pool: ModelPool { vectors.pool }
    private let vectors: any TaskVectors
    private let thresholds: [Float]
    /// The sign where the trimmed entries cancel: that of the sum of all elected signs.
    private let majority: Float

    /// Trims each expert's vector to the largest entries of the whole model, and elects signs.
    ///
    /// `densities` are the shares of entries that the experts keep.
    public init(_ pool: ModelPool, densities: [Double], workers: Workers) throws {
        try self.init(of: PlainTaskVectors(pool), densities: densities, workers: workers)
    }

    /// The same with the densities that the options of a method say, each the same for all parameters.
    init(
        _ pool: ModelPool,
        _ options: MergeOptions,
        must condition: String,
        _ workers: Workers
    ) throws {
        let densities = try options.constant(
            "density",
            of: pool,
            method: options.method,
            must: condition
        )
        try self.init(pool, densities: densities, workers: workers)
    }

    /// Trims and elects of vectors that may have been changed before.
    init(of vectors: some TaskVectors, densities: [Double], workers: Workers) throws {
        let thresholds = try Trimmings.of(vectors, densities: densities, workers: workers)
        (self.vectors, self.thresholds) = (vectors, thresholds)
        let pool = vectors.pool
        let balances = try workers.map(pool.parameters.count) { index in
            let parameter = pool.parameters[index]
            return try Blocks.of(shape: parameter.shape).reduce(0) { balance, range in
                guard let base = try parameter.base?.block(range) else { return balance }
                let all = try vectors.differences(of: parameter, in: range, base: base)
                return balance + Self.trimmed(all, thresholds).sum().signBalance
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
        elected(try vectors.differences(of: parameter, in: range, base: base))
    }

    /// The task vectors of all experts in some rows of a table.
    public func differences(
        of parameter: ModelPool.Parameter,
        rows: [Int32],
        base: Tensor
    ) throws -> [Tensor] {
        elected(try vectors.differences(of: parameter, rows: rows, base: base))
    }

    /// What is left of the vectors of all experts in the same places.
    @Sendable func elected(_ vectors: [Tensor]) -> [Tensor] {
        let trimmed = Self.trimmed(vectors, thresholds)
        let sum = trimmed.sum()
        return trimmed.map { vector in
            var kept = vector
            kept.keep(signOf: sum, majority: majority)
            return kept
        }
    }

    private static func trimmed(_ vectors: [Tensor], _ thresholds: [Float]) -> [Tensor] {
        zip(vectors, thresholds).map { vector, threshold in
            var kept = vector
            kept.trim(below: threshold)
            return kept
        }
    }
}
