internal import Tensors

// Li, Peng, Zhang, Guo, Duan and Shi, "When shared knowledge hurts: spectral over-accumulation in model
// merging", 2026, arXiv:2602.05536.
// Where the merged change answers a direction more strongly than the tasks do, it is turned down:
//
//     λ·Σₖ τₖ = U·Σ·Vᵀ,  sᵢₖ = ⟨uᵢᵀΔ, uᵢᵀτₖ⟩ / ‖uᵢᵀτₖ‖²,  σᵢ ← σᵢ · n / Σₖ max(α, sᵢₖ)

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let singularValueCalibration = MergeMethod(
        card: MethodCard(
            "svc_task_arithmetic",
            category: .lowRank,
            summary: "task arithmetic with shared directions, counted too often, turned down",
            equation: "θ = θ₀ + Σᵢ σᵢ·n/(Σₖ max(α, sᵢₖ))·uᵢvᵢᵀ,  sᵢₖ = ⟨uᵢᵀΔ, uᵢᵀτₖ⟩/‖uᵢᵀτₖ‖²",
            source: "Li et al., 2026, When shared knowledge hurts (SVC), arXiv:2602.05536",
            needs: [.base],
            options: [
                MergeOption(
                    "scaling_factor",
                    .merge,
                    .numbers,
                    default: .number(0.3),
                    "the factor λ of the sum of the task vectors"
                ),
                MergeOption(
                    "alpha",
                    .merge,
                    .shares,
                    default: .number(0.1),
                    "the least share sᵢₖ; larger ones turn more down"
                ),
                AttentionLayout.option,
            ],
            laws: [.orderDoesNotMatter],
            example: """
                merge_method: svc_task_arithmetic
                base_model: models/all-MiniLM-L6-v2
                models:
                  - model: experts/role
                  - model: experts/section
                parameters: {scaling_factor: 0.5, alpha: 0.5}
                """
        ),
        kind: .ofMatrices { pool, options, _ in
            { parameter in
                let factor = try options.number("scaling_factor", parameter.name)
                guard parameter.shape.count == 2, !parameter.isUnchanged else {
                    return combination(of: pool, by: parameter.experts.map { _ in factor })
                }
                let (singular, values) = try calibrated(
                    WholeParameter(parameter),
                    factor: factor,
                    alpha: try options.number("alpha", parameter.name)
                )
                return adding(Tensor(singular.product(values)))
            }
        },
        preparation: VectorPreparation(
            reading: ["scaling_factor", "alpha"]
        ) { pool, options, workers in
            try MatrixTaskVectors(
                pool,
                rest: { try options.number("scaling_factor", $0.name) },
                workers
            ) {
                let factor = try options.number("scaling_factor", $0.name)
                let alpha = try options.number("alpha", $0.name)
                let (singular, values) = try calibrated($0, factor: factor, alpha: alpha)
                // What was decomposed is λ·Σₖ τₖ.
                return .stretched(Stretching(singular, to: values, times: factor))
            }
        }
    )

    /// `λ·Σₖ τₖ` decomposed, and the values that its singular values are turned down to.
    private static func calibrated(
        _ whole: WholeParameter,
        factor: Double,
        alpha: Double
    ) throws -> (singular: SingularVectors, values: [Double]) {
        let singular = SingularVectors(of: try whole.sum() * factor)
        let merged = singular.right.scalingRows(by: singular.values)
        var shares = [Double](repeating: 0, count: singular.values.count)
        for expert in 0..<whole.count {
            let answers = Matrix.product(singular.left, Matrix(try whole.difference(expert)))
            let products = zip(merged.rowDots(answers), answers.rowDots(answers))
            for (i, (common, own)) in products.enumerated() {
                // A task without a direction has nothing to say about it.
                shares[i] += max(alpha, own > 0 ? common / own : 0)
            }
        }
        return (singular, zip(singular.values, shares).map { $0 * Double(whole.count) / $1 })
    }
}
