internal import Tensors

// Deep, Bhardwaj and Poria, "DELLA-Merging: reducing interference in model merging through
// magnitude-based sampling", 2024, arXiv:2406.11617. As DARE, but the larger an entry of a row, the
// likelier it stays:
//
//     p = density − ε + 2·ε·r / (n − 1),   r = 0 … n−1: the rank of |τ| in its row of n
//     τ̂ₖ = c·mₖ∘τₖ,   mₖ ~ Bernoulli(p),   c = Σ|τₖ| / Σ|mₖ∘τₖ|  or  1 / p

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let della = MergeMethod(
        card: MethodCard(
            "della",
            category: .sparsification,
            summary:
                "task vectors of which the larger entries are likelier left, where signs agree",
            equation:
                "θ = θ₀ + λ · Σₖ Aₖ·wₖ·τ̂ₖ / Σₖ Aₖ·wₖ,  τ̂ₖ = c·mₖ∘τₖ,  mₖ ~ Bernoulli(p(rank))",
            source: "Deep et al., 2024, DELLA-Merging, arXiv:2406.11617",
            needs: [.base],
            options: arithmeticOptions(normalize: true) + sampling + RescaleMode.options,
            accepted: ["int8_mask"],
            laws: [.zeroWeightsGiveBase],
            example: dellaExample("della")
        ),
        kind: .rule { _, options, _ in { try della($0, options, electing: true) } }
    )

    /// The entry of the table; its card tells the rest.
    public static let dellaLinear = MergeMethod(
        card: MethodCard(
            "della_linear",
            category: .sparsification,
            summary: "the base plus task vectors of which the larger entries are likelier left",
            equation: "θ = θ₀ + λ · Σₖ wₖ·τ̂ₖ,  τ̂ₖ = c·mₖ∘τₖ,  mₖ ~ Bernoulli(p(rank))",
            source: "Deep et al., 2024, DELLA-Merging, arXiv:2406.11617",
            needs: [.base],
            options: arithmeticOptions(normalize: false) + sampling + RescaleMode.options,
            accepted: ["int8_mask"],
            laws: [.zeroWeightsGiveBase],
            example: dellaExample("della_linear")
        ),
        kind: .rule { _, options, _ in { try della($0, options, electing: false) } }
    )

    private static let sampling = [
        MergeOption(
            "density",
            .model,
            .shares,
            default: .number(1),
            "the mean probability that an entry stays"
        ),
        MergeOption(
            "epsilon",
            .model,
            .fractions,
            default: .number(0.15),
            "how far the probability is below it for the smallest, and above for the largest"
        ),
    ]

    private static func della(
        _ parameter: ModelPool.Parameter,
        _ options: MergeOptions,
        electing: Bool
    ) throws -> Rule {
        let densities = try options.numbers("density", parameter)
        let epsilons = try options.numbers("epsilon", parameter)
        for (density, epsilon) in zip(densities, epsilons) where density < 1 {
            guard density - epsilon > 0, density + epsilon < 1 else {
                throw MergeError.option(
                    method: electing ? "della" : "della_linear",
                    name: "density ± epsilon",
                    found: "\(density) ± \(epsilon)",
                    expected: "between 0 and 1 where density is not 1 (\(parameter.name))"
                )
            }
        }
        let width = parameter.rowWidth
        let sparsifier = try Sparsifier.dropping(parameter, options) { vector, k in
            guard densities[k] < 1 else { return nil }
            let ranks = vector.magnitudeRanks(inRowsOf: width)
            // The only entry of a row has the middle probability.
            let step = width > 1 ? 2 * epsilons[k] / Double(width - 1) : 0
            let least = width > 1 ? densities[k] - epsilons[k] : densities[k]
            var probabilities = Tensor([vector.count], repeating: Float(least))
            probabilities.add(ranks, times: Float(step))
            return probabilities
        }
        return try parameter.byRows(
            arithmetic(parameter, options, electing: electing, on: sparsifier)
        )
    }

    private static func dellaExample(_ name: String) -> String {
        """
        merge_method: \(name)
        base_model: models/all-MiniLM-L6-v2
        models:
          - model: experts/role
            parameters: {weight: 0.5, density: 0.5, epsilon: 0.2}
          - model: experts/section
            parameters: {weight: 0.5, density: 0.5, epsilon: 0.2}
        seed: 1
        """
    }
}
