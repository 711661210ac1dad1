// Yang, Wang, Shen, Liu, Guo, Wang and Tao, "AdaMerging: adaptive model merging for multi-task
// learning", 2024, arXiv:2310.02575.
//
//     θ(λ) = θ₀ + Σₖ λₖ·τₖ,   λ = argmin Σ_tasks mean entropy of the merged model's predictions

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let adaMerging = MergeMethod(
        card: MethodCard(
            "adamerging",
            category: .learned,
            summary: "coefficients of the task vectors, learned on unlabeled data",
            equation: "θ = θ₀ + Σₖ λₖ·τₖ,  λ = argmin_λ Σ_tasks mean_x H(f_θ(x))",
            source: "Yang et al., 2024, AdaMerging, arXiv:2310.02575",
            needs: [.base, .unlabeledData],
            options: [],
            laws: [.zeroWeightsGiveBase],
            example: learnedExample("adamerging")
        ),
        kind: .learned(of: nil)
    )

    /// The entry of the table; its card tells the rest.
    public static let adaMergingPlusPlus = MergeMethod(
        card: MethodCard(
            "adamerging++",
            category: .learned,
            summary: "the same on task vectors that TIES has trimmed and freed of conflicts",
            equation: "θ = θ₀ + Σₖ λₖ·Φ(τₖ),  Φ: keep the largest entries that agree in sign",
            source: "Yang et al., 2024, AdaMerging, arXiv:2310.02575",
            needs: [.base, .unlabeledData],
            options: [
                MergeOption(
                    "density",
                    .merge,
                    .shares,
                    default: .number(0.2),
                    "the share of a model's entries that is kept"
                )
            ],
            laws: [.zeroWeightsGiveBase],
            example: learnedExample("adamerging++")
        ),
        kind: .learned(
            of: PreparedVectors(
                method: "ties",
                options: [
                    "trim_scope": .text(TrimScope.model.rawValue), "density": .number(0.2),
                ]
            )
        )
    )

    private static func learnedExample(_ name: String) -> String {
        """
        merge_method: \(name)
        base_model: models/all-MiniLM-L6-v2
        models:
          - model: experts/role
          - model: experts/section
        tasks:
          - {name: role, data: data/role}
          - {name: section, data: data/section}
        parameters:
          granularity: tensor
          objective: agreement
          steps: 100
        """
    }
}
