internal import Tensors

// Marczak, Magistri, Cygert, Twardowski, Bagdanov and van de Weijer, "No task left behind: isotropic
// model merging with common and task-specific subspaces", 2025, arXiv:2502.04959. Every direction of
// the summed task matrices gets the same weight; Iso-CTS keeps some directions for single tasks:
//
//     Σₖ τₖ = U·Σ·Vᵀ,  Δ = σ̄ · U·Vᵀ
//     U = polar[U₁ … Uₙ U_c] with the leading triplets of (I − U_c·U_cᵀ)·τₖ and those of Σₖ τₖ

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let isotropic = MergeMethod(
        card: MethodCard(
            "iso_c",
            category: .lowRank,
            summary: "the sum of the task vectors with all singular values made equal",
            equation: "θ = θ₀ + α·σ̄·U·Vᵀ,  Σₖ τₖ = U·Σ·Vᵀ; what is no matrix: α · mean of τₖ",
            source: "Marczak et al., 2025, No task left behind (Iso-C), arXiv:2502.04959",
            needs: [.base],
            options: [scaling, excludeKeys, MatrixFilter.option, AttentionLayout.option],
            laws: [.orderDoesNotMatter],
            example: """
                merge_method: iso_c
                base_model: models/all-MiniLM-L6-v2
                models:
                  - model: experts/role
                  - model: experts/section
                parameters: {scaling_factor: 1.3}
                """
        ),
        kind: .ofMatrices { pool, options, _ in
            try mergingMatrices(pool, options, factor: "scaling_factor") { parameter in
                leveled(try parameter.sum())
            }
        },
        preparation: .matrices { parameter, _ in leveling(try parameter.sum()) }
    )

    /// The entry of the table; its card tells the rest.
    public static let isotropicCommonAndTaskSpecific = MergeMethod(
        card: MethodCard(
            "iso_cts",
            category: .lowRank,
            summary: "Iso-C with some directions for what only one task needs",
            equation: "θ = θ₀ + α·σ̄·polar[U₁…Uₙ U_c]·polar[V₁…Vₙ V_c]ᵀ, Uₖ of (I − U_c·U_cᵀ)·τₖ",
            source: "Marczak et al., 2025, No task left behind (Iso-CTS), arXiv:2502.04959",
            needs: [.base],
            options: [
                scaling,
                MergeOption(
                    "common_space_fraction",
                    .merge,
                    .fractions,
                    default: .number(0.8),
                    "the share of directions that all tasks have in common; 1 is iso_c"
                ),
                excludeKeys, MatrixFilter.option, AttentionLayout.option,
            ],
            laws: [.orderDoesNotMatter],
            example: """
                merge_method: iso_cts
                base_model: models/all-MiniLM-L6-v2
                models:
                  - model: experts/role
                  - model: experts/section
                parameters: {scaling_factor: 1.3, common_space_fraction: 0.8}
                """
        ),
        kind: .ofMatrices { pool, options, _ in
            try mergingMatrices(pool, options, factor: "scaling_factor") { parameter in
                let sum = try parameter.sum()
                guard let (stack, _) = try directions(of: parameter, sum, options) else {
                    return leveled(sum)
                }
                return stack.orthogonal(times: stack.leveled)
            }
        },
        preparation: .matrices(reading: ["common_space_fraction"]) { parameter, options in
            let sum = try parameter.sum()
            guard let (stack, shares) = try directions(of: parameter, sum, options) else {
                return leveling(sum)
            }
            let (left, right) = stack.orthogonalFactors(times: stack.leveled)
            let (b, a) = (Tensor(left), Tensor(right).transposed())
            return .factors(LowRankVectors(b: b, a: a, shares: shares))
        }
    )

    private static let scaling = MergeOption(
        "scaling_factor",
        .merge,
        .numbers,
        default: .number(1),
        "the factor of the change"
    )

    /// Singular triplets of what only one task needs, task by task, and of what they have in common,
    /// with the share of each task in each; `nil` where no direction is left for single tasks.
    ///
    /// Of a triplet `u`, `σ`, `v` of the sum the share of a task is `uᵀτₖv/σ`: together they are 1.
    private static func directions(
        of parameter: WholeParameter,
        _ sum: Matrix,
        _ options: MergeOptions
    ) throws -> (stack: SingularStack, shares: [[Double]])? {
        let fraction = try options.number("common_space_fraction", parameter.name)
        let rank = min(sum.rows, sum.columns)
        let spare = Double(rank - Int(Double(rank) * fraction)) / Double(parameter.count)
        // Python's rounding, halves to the even number.
        let own = Int(spare.rounded(.toNearestOrEven))
        guard own > 0, own * parameter.count <= rank else { return nil }
        let common = SingularVectors(of: sum, leading: rank - own * parameter.count)
        var stack = SingularStack(rows: sum.rows, columns: sum.columns)
        let shares = try (0..<parameter.count).map { expert in
            var rest = Matrix(try parameter.difference(expert))
            let shared = Matrix.product(common.left, rest)
            rest.add(.product(common.left, shared, transposingA: true), times: -1)
            stack.append(SingularVectors(of: rest, leading: own))
            let ofOwn = (0..<own * parameter.count).map { $0 / own == expert ? 1.0 : 0 }
            let products = common.right.rowDots(shared)
            return ofOwn + zip(products, common.values).map { $1 > 0 ? $0 / $1 : 0 }
        }
        stack.append(common)
        return (stack, shares)
    }

    /// A matrix with all its singular values set to their mean; those that are 0 stay 0.
    private static func leveled(_ matrix: Matrix) -> Matrix {
        let (factor, trace) = matrix.polar()
        return factor * (trace / Double(max(1, min(matrix.rows, matrix.columns))))
    }

    /// Task vectors that add up to such a matrix: `σ̄·U·Vᵀ = Σₖ τₖ · V·diag(σ̄ / σ)·Vᵀ`.
    private static func leveling(_ sum: Matrix) -> MatrixTaskVectors.Change {
        let singular = SingularVectors(of: sum)
        let mean = singular.values.reduce(0, +) / Double(max(1, singular.values.count))
        return .stretched(Stretching(singular) { $0 > 0 ? mean / $0 : 0 })
    }
}

extension SingularStack {
    /// The mean of all values, for each of them.
    fileprivate var leveled: [Double] {
        let mean = values.reduce(0, +) / Double(values.count)
        return values.map { _ in mean }
    }
}
