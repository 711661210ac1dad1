internal import Tensors

/// The task vectors of one parameter as wholes, read one after the other.
struct WholeParameter {
    /// `θ₀`, in the parameter's shape.
    let base: Tensor
    /// The parameter.
    let name: String
    private let block: MergeBlock
    private let factors: [Double]

    /// The task vectors of a parameter, each times a factor of its own where there are such.
    init(_ parameter: ModelPool.Parameter, factors: [Double]? = nil) throws {
        name = parameter.name
        block = MergeBlock(parameter: parameter, range: 0..<parameter.count)
        base = try block.base().reshaped(parameter.shape)
        self.factors = factors ?? parameter.experts.map { _ in 1 }
    }

    /// The number of experts.
    var count: Int { factors.count }

    /// `τₖ` of one expert, all finite; in the parameter's shape.
    func difference(_ expert: Int) throws -> Tensor {
        scaled(try block.difference(expert, from: base).reshaped(base.shape), expert)
    }

    private func scaled(_ vector: Tensor, _ expert: Int) -> Tensor {
        factors[expert] == 1 ? vector : vector * Float(factors[expert])
    }

    /// `Σₖ τₖ`, in double.
    func sum() throws -> Matrix {
        var sum = Matrix(rows: base.shape[0], columns: base.rowWidth)
        // A block stays in the processor's cache until every model is added.
        for range in Blocks.of(shape: base.shape) {
            let part = MergeBlock(parameter: block.parameter, range: range)
            let base = base.elements(in: range)
            for expert in 0..<count {
                sum.add(
                    scaled(try part.difference(expert, from: base), expert),
                    at: range.lowerBound
                )
            }
        }
        return sum
    }
}

extension ModelPool.Parameter {
    /// Whether it is a matrix that multiplies, as far as its name tells: no table of embeddings.
    var isLinear: Bool { shape.count == 2 && !name.contains("embed") }

    /// Whether its rows belong to tokens or positions, as far as its name tells: a table of embeddings
    /// or of biases, or the output matrix of a language model.
    fileprivate var isTable: Bool {
        shape.count == 2
            && ["embed", "wte", "wpe", "shared.weight", "lm_head", "relative_attention_bias"]
                .contains(where: name.contains)
    }
}

extension MergeMethod {
    /// Adds to each matrix the change that a function makes of the task vectors.
    ///
    /// Everything else, excluded matrices among it, gets the mean of the task vectors. These have
    /// factors of their own.
    static func mergingMatrices(
        _ pool: ModelPool,
        _ options: MergeOptions,
        factors: @escaping @Sendable (ModelPool.Parameter) throws -> [Double],
        _ change: @escaping @Sendable (WholeParameter) throws -> Matrix
    ) throws -> Plan {
        let excluded = try options.excludedMatrices(of: pool)
        return { parameter in
            let factors = try factors(parameter)
            guard parameter.shape.count == 2, !excluded.contains(parameter.name) else {
                return combination(of: pool, by: factors.map { $0 / Double(factors.count) })
            }
            // Where no expert differs there is nothing to decompose.
            guard !parameter.isUnchanged else { return { try $0.base() } }
            return adding(Tensor(try change(WholeParameter(parameter, factors: factors))))
        }
    }

    /// The same with one factor for all, which an option says.
    static func mergingMatrices(
        _ pool: ModelPool,
        _ options: MergeOptions,
        factor: String,
        _ change: @escaping @Sendable (WholeParameter) throws -> Matrix
    ) throws -> Plan {
        try mergingMatrices(
            pool,
            options,
            factors: { parameter in
                let factor = try options.number(factor, parameter.name)
                return parameter.experts.map { _ in factor }
            },
            change
        )
    }

    /// `θ₀ + Δ`, of which `Δ` is known.
    static func adding(_ change: Tensor) -> Rule {
        { block in try block.base() + change.elements(in: block.range) }
    }

    /// `θ₀ + Σₖ cₖ·τₖ`.
    static func combination(of pool: ModelPool, by coefficients: [Double]) -> Rule {
        let vectors = PlainTaskVectors(pool)
        let coefficients = coefficients.map { Float($0) }
        return { try vectors.merged($0.parameter, in: $0.range, by: coefficients) }
    }
}

extension MergeOptions {
    /// Matrices that are merged as what is no matrix: those that are named, and those that a filter
    /// leaves out.
    func excludedMatrices(of pool: ModelPool) throws -> Set<String> {
        let named = try excludedKeys(of: pool)
        guard let first = pool.parameters.first else { return named }
        let filter: MatrixFilter = try choice("matrix_filter", first.name)
        guard filter == .linearOnly else { return named }
        return named.union(pool.parameters.filter(\.isTable).map(\.name))
    }

    /// Parameters that are named as ones to leave out.
    ///
    /// - Throws: `MergeError.option` if one names no parameter: a slip there would go unnoticed.
    func excludedKeys(of pool: ModelPool) throws -> Set<String> {
        let excluded = try texts("exclude_keys")
        let known = Set(pool.parameters.map(\.name))
        if let unknown = excluded.first(where: { !known.contains($0) }) {
            throw MergeError.option(
                method: method,
                name: "exclude_keys",
                found: unknown,
                expected: "the names of parameters"
            )
        }
        return Set(excluded)
    }
}

/// What counts as a matrix.
enum MatrixFilter: String, CaseIterable {
    /// Every tensor of two dimensions (the reference code).
    case all2D = "all_2d"
    /// Those but tables, whose rows belong to tokens or positions.
    case linearOnly = "linear_only"

    /// The option of methods that work on matrices.
    static let option = MergeOption(
        "matrix_filter",
        .merge,
        .names(allCases.map(\.rawValue)),
        default: .text(MatrixFilter.all2D.rawValue),
        "all_2d: every matrix (as the reference code); linear_only: no embeddings, no lm_head"
    )
}

/// The option of methods for matrices that leaves some of them out.
let excludeKeys = MergeOption(
    "exclude_keys",
    .merge,
    .texts,
    default: .list([]),
    "names of matrices that are merged as vectors are: averaged"
)
