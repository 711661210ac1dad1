internal import Tensors

// Skorobogat, Roth, Georgescu and Akata, "Subspace-boosted model merging", 2025, arXiv:2506.16506.
// Small singular values of the summed task vectors, which collapse as tasks are added, are lifted:
//
//     Σₖ τₖ = U·Σ·Vᵀ,  Δ = U·max(Σ, σ_c)·Vᵀ,  c the first index with  Σᵢ≤c σᵢ ≥ β·Σᵢ σᵢ

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let subspaceBoosting = MergeMethod(
        card: MethodCard(
            "subspace_boosting",
            category: .lowRank,
            summary: "task arithmetic whose small singular values are lifted",
            equation: "θ = θ₀ + λ·U·max(Σ, σ_c)·Vᵀ,  Σₖ τₖ = U·Σ·Vᵀ,  Σᵢ≤c σᵢ ≥ β·Σᵢ σᵢ",
            source: "Skorobogat et al., 2025, Subspace-boosted model merging, arXiv:2506.16506",
            needs: [.base],
            options: [
                MergeOption(
                    "beta",
                    .merge,
                    .fractions,
                    default: .number(0.01),
                    "the share of the sum of singular values that stays as it is"
                ),
                MergeOption(
                    "scaling_factor",
                    .merge,
                    .numbers,
                    default: .number(1),
                    "the factor of the change"
                ),
                AttentionLayout.option,
            ],
            laws: [.orderDoesNotMatter],
            example: """
                merge_method: subspace_boosting
                base_model: models/all-MiniLM-L6-v2
                models:
                  - model: experts/role
                  - model: experts/section
                parameters: {beta: 0.01, scaling_factor: 0.3}
                """
        ),
        kind: .ofMatrices { pool, options, _ in
            { parameter in
                let factor = try options.number("scaling_factor", parameter.name)
                let factors = parameter.experts.map { _ in factor }
                guard parameter.shape.count == 2, !parameter.isUnchanged else {
                    return combination(of: pool, by: factors)
                }
                let beta = try options.number("beta", parameter.name)
                let sum = try WholeParameter(parameter, factors: factors).sum()
                let singular = SingularVectors(of: sum)
                return adding(Tensor(singular.product(boosted(singular.values, beta: beta))))
            }
        },
        preparation: VectorPreparation(reading: ["beta"]) { pool, options, workers in
            try MatrixTaskVectors(pool, rest: { _ in 1 }, workers) {
                let singular = SingularVectors(of: try $0.sum())
                let beta = try options.number("beta", $0.name)
                return .stretched(
                    Stretching(singular, to: boosted(singular.values, beta: beta))
                )
            }
        }
    )

    /// Singular values, those behind the first ones lifted to the last of these, where the sum of the
    /// first ones is β of all.
    ///
    /// A direction that the tasks do not have at all stays without.
    private static func boosted(_ values: [Double], beta: Double) -> [Double] {
        let total = values.reduce(0, +)
        var sum = 0.0
        let cut = values.first { value in
            sum += value
            return sum >= beta * total
        }
        let least = cut ?? values.last ?? 0
        return values.map { max($0, least) }
    }
}
