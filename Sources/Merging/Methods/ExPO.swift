internal import Tensors

// Zheng, Wang, Ji, Huang and Peng, "Model extrapolation expedites alignment" (first "Weak-to-strong
// extrapolation expedites alignment"), 2024, arXiv:2404.16792. What was learned a little is learned more
// by going on in the same direction:
//
//     θ = θ̄ + α·(θ̄ − θ₀),   θ̄ = 1/K · Σₖ θₖ

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let expo = MergeMethod(
        card: MethodCard(
            "expo",
            category: .taskVectors,
            summary: "the mean of the models, moved on in its direction from the base",
            equation: "θ = θ̄ + α·(θ̄ − θ₀),  θ̄ = 1/K · Σₖ θₖ",
            source: "Zheng et al., 2024, Model extrapolation (ExPO), arXiv:2404.16792",
            needs: [.base],
            options: [
                MergeOption(
                    "extrapolation_factor",
                    .merge,
                    .numbers,
                    default: .number(0.1),
                    "α: how far beyond the mean, as a part of its way from the base"
                )
            ],
            laws: [.orderDoesNotMatter],
            example: """
                merge_method: expo
                base_model: models/sft
                models:
                  - model: models/dpo
                parameters: {extrapolation_factor: 0.3}
                """
        ),
        kind: .rule { pool, options, _ in
            let vectors = PlainTaskVectors(pool)
            return { parameter in
                let factor = try options.number("extrapolation_factor", parameter.name)
                let share = Float((1 + factor) / Double(pool.experts.count))
                let shares = pool.experts.map { _ in share }
                return { try vectors.merged(parameter, in: $0.range, by: shares) }
            }
        }
    )
}
