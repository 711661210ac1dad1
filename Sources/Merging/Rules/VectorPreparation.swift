public import Tensors

/// What a method makes of each expert's task vector before it adds them up: what coefficients can be
/// learned of.
///
/// With a coefficient of 1 for every expert they add up to the method's own merge, its weights and
/// factors all being 1 and, unless one of these options says otherwise, nothing divided by a number of
/// models.
public struct VectorPreparation: Sendable {
    /// The options of the method that matter to it; weights and factors are what is learned.
    public let options: Set<String>
    fileprivate let prepare: @Sendable (ModelPool, MergeOptions, Workers) throws -> any TaskVectors

    init(
        reading options: Set<String> = [],
        _ prepare: @escaping @Sendable (ModelPool, MergeOptions, Workers) throws -> any TaskVectors
    ) {
        (self.options, self.prepare) = (options, prepare)
    }

    /// Vectors of which a method leaves a part, each by itself, and then perhaps those entries that
    /// agree in sign.
    static func sparse(
        electing: Bool,
        reading options: Set<String>,
        _ sparsifier: @escaping @Sendable (ModelPool.Parameter, MergeOptions) throws -> Sparsifier
    ) -> VectorPreparation {
        VectorPreparation(reading: options) { pool, options, workers in
            let left = try SparseTaskVectors(pool, workers: workers) { try sparsifier($0, options) }
            return electing ? try EntrywiseTaskVectors.agreeing(left) : left
        }
    }

    /// Vectors of matrices that a method changes as wholes; those of everything else it averages.
    static func matrices(
        reading options: Set<String> = [],
        _ change:
            @escaping @Sendable (WholeParameter, MergeOptions) throws -> MatrixTaskVectors.Change
    ) -> VectorPreparation {
        VectorPreparation(
            reading: options.union(["exclude_keys", "matrix_filter"])
        ) { pool, options, workers in
            try MatrixTaskVectors(
                pool,
                excluding: options.excludedMatrices(of: pool),
                rest: { 1 / Double($0.experts.count) },
                workers
            ) { try change($0, options) }
        }
    }
}

extension MergeMethod {
    /// The method's task vectors of a pool, which has a base, under a recipe's options.
    ///
    /// - Throws: `MergeError` if the method prepares none, or the options are not what it takes.
    public func taskVectors(
        _ pool: ModelPool,
        options: any OptionSource,
        workers: Workers
    ) throws -> any TaskVectors {
        guard let preparation else { throw MergeError.noTaskVectors(method: card.name) }
        guard pool.hasBase else { throw MergeError.missingBase(method: card.name) }
        let read = card.options.filter { preparation.options.contains($0.name) }
        return try preparation.prepare(
            pool,
            MergeOptions(options, of: read, method: card.name, for: pool),
            workers
        )
    }
}
