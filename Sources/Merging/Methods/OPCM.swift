internal import Tensors

// Tang, Yang, Shen, Luo, Hu, Zhang, Du and Tao, "Merging models on the fly without retraining: a
// sequential approach to scalable continual model merging", 2025, arXiv:2501.09522. Experts come one
// by one, and of each only what is orthogonal to the merge so far is added:
//
//     Mₜ₋₁ = U·Σ·Vᵀ,  Z = Uᵀ·τₜ·V without its diagonal and its leading block of the share α of Σ
//     θₜ = θ₀ + (λₜ₋₁·Mₜ₋₁ + U·Z·Vᵀ) / λₜ,  ‖θₜ − θ₀‖ = mean of ‖τ₁‖ … ‖τₜ‖
//
// As λₜ·Mₜ = λₜ₋₁·Mₜ₋₁ + U·Z·Vᵀ and no singular vector depends on λ, parameters are merged apart and
// scaled once, at the end.

/// Whether the leading block ends before the singular value that crosses the share, or with it.
private enum Cut: String, CaseIterable { case before, including }

/// What is taken away besides the diagonal.
private enum Block: String, CaseIterable {
    /// What leads from the leading directions into the leading directions.
    case corner
    /// What leads from them or into them.
    case rowsAndColumns = "rows_and_cols"
}

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let opcm = MergeMethod(
        card: MethodCard(
            "opcm",
            category: .lowRank,
            summary: "experts one after the other, each without what the merge already has",
            equation: "θₜ = θ₀ + (λₜ₋₁·Mₜ₋₁ + U·Z·Vᵀ)/λₜ,  Z = Uᵀ·τₜ·V off its diagonal and corner",
            source: "Tang et al., 2025, Merging models on the fly (OPCM), arXiv:2501.09522",
            needs: [.base],
            options: [
                MergeOption(
                    "alpha",
                    .merge,
                    .fractions,
                    default: .number(0.5),
                    "the share of the sum of singular values that makes up the leading block"
                ),
                shuffleOrder,
                MergeOption(
                    "zero_diagonal",
                    .merge,
                    .flags,
                    default: .flag(true),
                    "whether the diagonal of Z goes; it stays in the authors' first code"
                ),
                MergeOption(
                    "cut",
                    .merge,
                    .names(Cut.allCases.map(\.rawValue)),
                    default: .text(Cut.before.rawValue),
                    "whether the value that crosses the share belongs to the block"
                ),
                MergeOption(
                    "block",
                    .merge,
                    .names(Block.allCases.map(\.rawValue)),
                    default: .text(Block.corner.rawValue),
                    "corner: from leading into leading directions; rows_and_cols: from or into"
                ),
                AttentionLayout.option,
            ],
            laws: [],
            example: """
                merge_method: opcm
                base_model: models/all-MiniLM-L6-v2
                models:
                  - model: experts/role
                  - model: experts/section
                parameters: {alpha: 0.5, shuffle_order: false}
                """
        ),
        kind: .ofMatrices { pool, options, workers in
            let order = try options.order(of: pool)
            let cache = ParameterCache()
            let change: @Sendable (ModelPool.Parameter, Bool) throws -> Tensor = {
                parameter,
                last in
                try cache.value(of: parameter.name, last: last) {
                    let projection = Projection(
                        share: try options.number("alpha", parameter.name),
                        zeroDiagonal: try options.flag("zero_diagonal", parameter.name),
                        cut: try options.choice("cut", parameter.name),
                        block: try options.choice("block", parameter.name)
                    )
                    return Tensor(
                        try projection.accumulated(WholeParameter(parameter), in: order)
                    )
                }
            }
            // The squares of every task vector, and behind them of the unscaled merge.
            let squares = try workers.map(pool.parameters.count) { index in
                let parameter = pool.parameters[index]
                guard parameter.isProjected else { return try sumSquares(parameter) }
                let merged = try change(parameter, false)
                return try parameter.squares() + [merged.dot(merged)]
            }
            let norms = (0...pool.experts.count).map { column in
                squares.reduce(0) { $0 + $1[column] }.squareRoot()
            }
            let (own, merged) = (norms.dropLast(), norms[pool.experts.count])
            let mean = own.reduce(0, +) / Double(own.count)
            let scale = own.count == 1 || merged == 0 ? 1 : mean / merged
            return { parameter in
                guard parameter.isProjected else {
                    return combination(of: pool, by: pool.experts.map { _ in scale })
                }
                return adding(try change(parameter, true) * Float(scale))
            }
        }
    )

    /// The squared norms of the task vectors of a parameter, and of their sum.
    private static func sumSquares(_ parameter: ModelPool.Parameter) throws -> [Double] {
        try Blocks.of(shape: parameter.shape).reduce(
            into: Array(repeating: 0, count: parameter.experts.count + 1)
        ) { sums, range in
            let block = MergeBlock(parameter: parameter, range: range)
            let vectors = try block.differences(from: block.base())
            let sum = vectors.dropFirst().reduce(into: vectors[0]) { $0.add($1) }
            for (k, vector) in (vectors + [sum]).enumerated() { sums[k] += vector.dot(vector) }
        }
    }
}

extension ModelPool.Parameter {
    /// Whether there is something to decompose.
    fileprivate var isProjected: Bool { isLinear && !isUnchanged }

    /// The squared norms of the task vectors.
    fileprivate func squares() throws -> [Double] {
        let whole = try WholeParameter(self)
        return try experts.indices.map {
            let vector = try whole.difference($0)
            return vector.dot(vector)
        }
    }
}

/// How the next task vector is made orthogonal to the merge so far.
private struct Projection {
    let share: Double
    let zeroDiagonal: Bool
    let cut: Cut
    let block: Block

    /// The first task vector and what is left of those that follow it.
    func accumulated(_ parameter: WholeParameter, in order: [Int]) throws -> Matrix {
        try order.dropFirst().reduce(into: Matrix(try parameter.difference(order[0]))) {
            $0.add(orthogonal(Matrix(try parameter.difference($1)), to: $0))
        }
    }

    private func orthogonal(_ change: Matrix, to merged: Matrix) -> Matrix {
        let singular = SingularVectors(of: merged)
        let leading = leading(singular.values)
        let (left, right) = (singular.left.prefix(leading), singular.right.prefix(leading))
        var rest = change
        if leading > 0 {
            let rows = Matrix.product(left, rest)
            let corner = Matrix.product(rows, right, transposingB: true)
            switch block {
            case .corner:
                let part = Matrix.product(corner, right)
                rest.add(.product(left, part, transposingA: true), times: -1)
            case .rowsAndColumns:
                rest.add(.product(left, rows, transposingA: true), times: -1)
                let columns = Matrix.product(rest, right, transposingB: true)
                rest.add(.product(columns, right), times: -1)
            }
        }
        guard zeroDiagonal else { return rest }
        let diagonal = Matrix.product(singular.left, rest).rowDots(singular.right)
        rest.add(singular.product(diagonal), times: -1)
        return rest
    }

    /// How many directions lead; none where all together never exceed the share.
    private func leading(_ values: [Double]) -> Int {
        let total = values.reduce(0, +)
        var sum = 0.0
        let crossing = values.firstIndex { value in
            sum += value
            return sum / total > share
        }
        guard let crossing else { return 0 }
        return cut == .before ? crossing : crossing + 1
    }
}

/// The option of methods that take experts one by one.
let shuffleOrder = MergeOption(
    "shuffle_order",
    .merge,
    .flags,
    default: .flag(true),
    "whether experts come in random order, which the recipe's seed decides"
)

extension MergeOptions {
    /// The experts in the order in which they come.
    func order(of pool: ModelPool) throws -> [Int] {
        guard try flag("shuffle_order", "") else { return Array(pool.experts.indices) }
        var generator = SeededGenerator(seed: seed, "order of the models")
        return generator.permutation(of: pool.experts.count)
    }
}
