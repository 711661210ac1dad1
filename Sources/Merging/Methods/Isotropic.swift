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
        preparation: .matrices {
            // σ̄·U·Vᵀ = Σₖ τₖ · V·diag(σ̄ / σ)·Vᵀ
            let singular = SingularVectors(of: try $0.sum())
            let mean = singular.values.reduce(0, +) / Double(max(1, singular.values.count))
            return .stretched(Stretching(singular) { $0 > 0 ? mean / $0 : 0 })
        }
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
                let fraction = try options.number("common_space_fraction", parameter.name)
                let (rows, columns) = (parameter.base.shape[0], parameter.base.shape[1])
                let rank = min(rows, columns)
                let spare = Double(rank - Int(Double(rank) * fraction)) / Double(parameter.count)
                // Python's rounding, halves to the even number.
                let own = Int(spare.rounded(.toNearestOrEven))
                let sum = try parameter.sum()
                guard own > 0, own * parameter.count <= rank else { return leveled(sum) }
                let common = SingularVectors(of: sum, leading: rank - own * parameter.count)
                var stack = SingularStack(rows: rows, columns: columns)
                for expert in 0..<parameter.count {
                    var rest = Matrix(try parameter.difference(expert))
                    let shared = Matrix.product(common.left, rest)
                    rest.add(.product(common.left, shared, transposingA: true), times: -1)
                    stack.append(SingularVectors(of: rest, leading: own))
                }
                stack.append(common)
                let mean = stack.values.reduce(0, +) / Double(rank)
                return stack.orthogonal(times: stack.values.map { _ in mean })
            }
        }
    )

    private static let scaling = MergeOption(
        "scaling_factor",
        .merge,
        .numbers,
        default: .number(1),
        "the factor of the change"
    )

    /// A matrix with all its singular values set to their mean; those that are 0 stay 0.
    private static func leveled(_ matrix: Matrix) -> Matrix {
        let (factor, trace) = matrix.polar()
        return factor * (trace / Double(max(1, min(matrix.rows, matrix.columns))))
    }
}
