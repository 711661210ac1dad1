internal import Tensors

// Yu, Yu, Yu, Huang and Li, "Language models are super Mario: absorbing abilities from homologous models
// as a free lunch", 2024, arXiv:2311.03099. Most entries of a task vector can be dropped at random if the
// others make up for them; what is left is added, or merged as TIES does:
//
//     τ̂ₖ = c·mₖ∘τₖ,   mₖ ~ Bernoulli(density),   c = Σ|τₖ| / Σ|mₖ∘τₖ|  or  1 / density
//     θ = θ₀ + λ · Σₖ wₖ·τ̂ₖ,   or with the election of TIES over τ̂

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let dareLinear = MergeMethod(
        card: MethodCard(
            "dare_linear",
            category: .sparsification,
            summary: "the base plus task vectors of which a random part is left",
            equation: "θ = θ₀ + λ · Σₖ wₖ·c·mₖ∘τₖ,  mₖ ~ Bernoulli(density)",
            source: "Yu et al., 2024, DARE, arXiv:2311.03099",
            needs: [.base],
            options: arithmeticOptions(normalize: false) + density + RescaleMode.options,
            accepted: ["int8_mask"],
            laws: [.zeroWeightsGiveBase],
            example: dareExample("dare_linear")
        ),
        kind: .rule { _, options, _ in
            { parameter in
                let sparsifier = try dare(parameter, options)
                return try arithmetic(parameter, options, electing: false, on: sparsifier)
            }
        },
        preparation: .sparse(electing: false, reading: dropping, dare)
    )

    /// The entry of the table; its card tells the rest.
    public static let dareTIES = MergeMethod(
        card: MethodCard(
            "dare_ties",
            category: .sparsification,
            summary: "task vectors of which a random part is left, where their signs agree",
            equation: "θ = θ₀ + λ · Σₖ Aₖ·wₖ·τ̂ₖ,  τ̂ₖ = c·mₖ∘τₖ,  mₖ ~ Bernoulli(density)",
            source: "Yu et al., 2024, DARE, arXiv:2311.03099; Yadav et al., 2023, TIES-Merging, "
                + "arXiv:2306.01708",
            needs: [.base],
            options: arithmeticOptions(weight: .number(1), normalize: false) + density
                + RescaleMode.options
                + modelScopeOptions(
                    .sum,
                    "tensor: elect only (as mergekit); model: trim and elect all"
                )
                + [
                    MergeOption(
                        "trim_density",
                        .model,
                        .shares,
                        default: .number(0.2),
                        "with trim_scope: model, the share of a model that is kept after dropping"
                    )
                ],
            accepted: ["int8_mask"],
            laws: [.zeroWeightsGiveBase],
            example: dareExample("dare_ties")
        ),
        kind: .rule { pool, options, workers in
            guard let first = pool.parameters.first else { throw MergeError.noModels }
            let scope: TrimScope = try options.choice("trim_scope", first.name)
            guard scope == .model else {
                return { parameter in
                    let sparsifier = try dare(parameter, options)
                    return try arithmetic(parameter, options, electing: true, on: sparsifier)
                }
            }
            let densities = try options.constant(
                "trim_density",
                of: pool,
                method: "dare_ties",
                must: "trim_scope: model"
            )
            let left = try SparseTaskVectors(pool, workers: workers) { try dare($0, options) }
            let elected = try ElectedTaskVectors(of: left, densities: densities, workers: workers)
            return { try modelScope($0, options, elected, method: "dare_ties") }
        },
        preparation: .sparse(electing: true, reading: dropping, dare)
    )

    /// The options of what dropping leaves.
    private static let dropping: Set = ["density", "rescale", "rescale_mode"]

    private static let density = [
        MergeOption(
            "density",
            .model,
            .shares,
            default: .number(1),
            "the probability that an entry stays"
        )
    ]

    private static func dare(
        _ parameter: ModelPool.Parameter,
        _ options: MergeOptions
    ) throws -> Sparsifier {
        let densities = try options.numbers("density", parameter)
        @Sendable func probabilities(_ count: Int) -> [Tensor?] {
            densities.map { $0 < 1 ? Tensor([count], repeating: Float($0)) : nil }
        }
        // Nearly all blocks are of one size.
        let usual = Blocks.of(shape: parameter.shape).first?.count ?? 0
        let shared = probabilities(usual)
        return try .dropping(parameter, options) { vector, k, _ in
            vector.count == usual ? shared[k] : probabilities(vector.count)[k]
        }
    }

    private static func dareExample(_ name: String) -> String {
        """
        merge_method: \(name)
        base_model: models/all-MiniLM-L6-v2
        models:
          - model: experts/role
            parameters: {weight: 0.5, density: 0.3}
          - model: experts/section
            parameters: {weight: 0.5, density: 0.3}
        seed: 1
        """
    }
}
