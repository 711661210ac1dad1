internal import Tensors

/// What a method leaves of the task vectors of a parameter.
struct Sparsifier: Sendable {
    /// Filters what lies behind an element of one expert's vector, in place.
    typealias Filter = @Sendable (inout Tensor, _ expert: Int, _ start: Int) -> Void

    private let filter: Filter
    /// What is left of each expert's vector is multiplied by its factor.
    private var factors: [Float]?

    /// A filter of blocks, which may count on whole rows (see `Parameter.byRows`).
    init(_ filter: @escaping Filter) { self.filter = filter }

    /// Filters blocks of all experts' vectors that begin at an element.
    func apply(to vectors: inout [Tensor], from start: Int) {
        for k in vectors.indices {
            filter(&vectors[k], k, start)
            if let factors, factors[k] != 1 { vectors[k] *= factors[k] }
        }
    }

    /// The same with each vector stretched so that the sum of its magnitudes is what it was before, as
    /// mergekit does; not where there is next to nothing to stretch.
    func preservingMagnitude(of parameter: ModelPool.Parameter) throws -> Sparsifier {
        var sums = parameter.experts.map { _ in (before: 0.0, after: 0.0) }
        for range in parameter.rowBlocks {
            let block = MergeBlock(parameter: parameter, range: range)
            var vectors = try block.vectors()
            for k in vectors.indices { sums[k].before += vectors[k].magnitudeSum() }
            apply(to: &vectors, from: range.lowerBound)
            for k in vectors.indices { sums[k].after += vectors[k].magnitudeSum() }
        }
        var stretched = self
        stretched.factors = sums.map { sum in
            min(sum.before, sum.after) < 1e-7 ? 1 : Float(sum.before / sum.after)
        }
        return stretched
    }
}

extension MergeMethod {
    /// Task arithmetic on what is left of task vectors, with or without TIES's election of signs.
    ///
    ///     θ = θ₀ + λ · Σₖ Aₖ·wₖ·τ̂ₖ / (normalize ? Σₖ Aₖ·wₖ : 1),   Aₖ = electing ? [τ̂ₖ agrees] : 1
    static func arithmetic(
        _ parameter: ModelPool.Parameter,
        _ options: MergeOptions,
        electing: Bool,
        on sparsifier: Sparsifier
    ) throws -> Rule {
        let weights = try options.numbers("weight", parameter).map { Float($0) }
        let normalize = try options.flag("normalize", parameter.name)
        let total = weights.reduce(0, +)
        let divisor = normalize && !electing && abs(total) >= 1e-8 ? total : 1
        let factor = Float(try options.number("lambda", parameter.name)) / divisor
        return { block in
            let base = try block.base()
            var vectors = try block.differences(from: base)
            sparsifier.apply(to: &vectors, from: block.range.lowerBound)
            for k in vectors.indices { vectors[k] *= weights[k] }
            var sum = vectors.sum()
            if electing {
                let consensus = Consensus(vectors, weights, electedBy: sum)
                sum = normalize ? consensus.sum.divided(by: consensus.weight) : consensus.sum
            }
            sum *= factor
            sum.add(base)
            return sum
        }
    }

    /// The options of that rule.
    static func arithmeticOptions(
        weight: OptionValue? = nil,
        normalize: Bool
    ) -> [MergeOption] {
        [
            .weight("the factor wₖ of a task vector", default: weight),
            .normalize(
                normalize,
                "divide by the sum of the weights, of those that agree if elected"
            ),
            .lambda(),
        ]
    }
}

/// Task vectors of which a method leaves something.
struct SparseTaskVectors: TaskVectors {
    let pool: ModelPool
    private let sparsifiers: [String: Sparsifier]

    /// Asks for the sparsifier of every parameter, side by side.
    init(
        _ pool: ModelPool,
        workers: Workers,
        _ sparsifier: @Sendable (ModelPool.Parameter) throws -> Sparsifier
    ) throws {
        self.pool = pool
        let all = try workers.map(pool.parameters.count) { try sparsifier(pool.parameters[$0]) }
        sparsifiers = zip(pool.parameters, all).reduce(into: [:]) { $0[$1.0.name] = $1.1 }
    }

    func differences(
        of parameter: ModelPool.Parameter,
        in range: Range<Int>,
        base: Tensor
    ) throws -> [Tensor] {
        let whole = 0..<parameter.count
        if parameter.shape.count < 2, range != whole {
            // A vector is one row, which a sparsifier may count on seeing.
            let base = try MergeBlock(parameter: parameter, range: whole).base()
            return try differences(of: parameter, in: whole, base: base).map {
                $0.elements(in: range)
            }
        }
        // What is dropped may not hide a NaN.
        var vectors = try MergeBlock(parameter: parameter, range: range).differences(from: base)
        sparsifiers[parameter.name]?.apply(to: &vectors, from: range.lowerBound)
        return vectors
    }

    func differences(
        of parameter: ModelPool.Parameter,
        rows: [Int32],
        base: Tensor
    ) throws -> [Tensor] {
        let vectors = try parameter.experts.map { try $0.difference(ofRows: rows, base: base) }
        let width = parameter.count / max(parameter.shape[0], 1)
        let filtered = rows.enumerated().map { place, row in
            var parts = vectors.map { $0.elements(in: place * width..<(place + 1) * width) }
            sparsifiers[parameter.name]?.apply(to: &parts, from: Int(row) * width)
            return parts
        }
        return vectors.indices.map { k in
            Tensor(joiningRowsOf: filtered.map { $0[k].reshaped([1, width]) })
        }
    }
}
