internal import Tensors

// Deep, Bhardwaj and Poria, "DELLA-Merging: reducing interference in model merging through
// magnitude-based sampling", 2024, arXiv:2406.11617. As DARE, but the larger an entry of a row, or of
// a tensor, the likelier it stays:
//
//     p = density − ε + 2·ε·r / (n − 1),   r = 0 … n−1: the rank of |τ| in its row (or tensor) of n
//     τ̂ₖ = c·mₖ∘τₖ,   mₖ ~ Bernoulli(p),   c = Σ|τₖ| / Σ|mₖ∘τₖ|  or  1 / p

/// What the probability of an entry follows.
private enum SamplingScore: String, CaseIterable {
    /// The rank of its magnitude.
    case rank
    /// Where its magnitude lies between the least and the largest (an option of the authors' code).
    case magnitude
}

/// What entries are ranked among.
private enum RankScope: String, CaseIterable {
    /// Those of their row.
    case row
    /// Those of their tensor (an option of the authors' code).
    case tensor
}

/// How far up the magnitudes of a block of an expert's vector are, which begins at some element.
private typealias Heights = @Sendable (Tensor, _ expert: Int, _ start: Int) -> Tensor

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
        kind: .rule { _, options, _ in { try della($0, options, electing: true) } },
        preparation: .sparse(electing: true, reading: dropping, dropping)
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
        kind: .rule { _, options, _ in { try della($0, options, electing: false) } },
        preparation: .sparse(electing: false, reading: dropping, dropping)
    )

    /// The options of what dropping leaves.
    private static let dropping: Set = [
        "density", "epsilon", "score", "rank_scope", "rescale", "rescale_mode",
    ]

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
        MergeOption(
            "score",
            .merge,
            .names(SamplingScore.allCases.map(\.rawValue)),
            default: .text(SamplingScore.rank.rawValue),
            "what the probability follows: the rank of a magnitude, or the magnitude"
        ),
        MergeOption(
            "rank_scope",
            .merge,
            .names(RankScope.allCases.map(\.rawValue)),
            default: .text(RankScope.row.rawValue),
            "what an entry is ranked among: its row, or its tensor"
        ),
    ]

    private static func della(
        _ parameter: ModelPool.Parameter,
        _ options: MergeOptions,
        electing: Bool
    ) throws -> Rule {
        let sparsifier = try dropping(parameter, options)
        return try parameter.byRows(
            arithmetic(parameter, options, electing: electing, on: sparsifier)
        )
    }

    /// Drops entries at random, the smaller ones of a row or tensor the likelier.
    private static func dropping(
        _ parameter: ModelPool.Parameter,
        _ options: MergeOptions
    ) throws -> Sparsifier {
        let densities = try options.numbers("density", parameter)
        let epsilons = try options.numbers("epsilon", parameter)
        for (density, epsilon) in zip(densities, epsilons) where density < 1 {
            guard density - epsilon > 0, density + epsilon < 1 else {
                throw MergeError.option(
                    method: options.method,
                    name: "density ± epsilon",
                    found: "\(density) ± \(epsilon)",
                    expected: "between 0 and 1 where density is not 1 (\(parameter.name))"
                )
            }
        }
        let score: SamplingScore = try options.choice("score", parameter.name)
        let scope: RankScope = try options.choice("rank_scope", parameter.name)
        let heights = try heights(parameter, score, scope, of: densities.map { $0 < 1 })
        let length = scope == .row ? parameter.rowWidth : parameter.count
        let highest = score == .rank ? Double(length - 1) : 1
        return try Sparsifier.dropping(parameter, options) { vector, k, start in
            guard densities[k] < 1 else { return nil }
            // The only entry of a row has the middle probability.
            guard length > 1 else { return Tensor([vector.count], repeating: Float(densities[k])) }
            let least = Float(densities[k] - epsilons[k])
            var probabilities = Tensor([vector.count], repeating: least)
            let height = 2 * epsilons[k] / highest
            probabilities.add(heights(vector, k, start), times: Float(height))
            return probabilities
        }
    }

    /// Looks at all of an expert's vector, where that is what entries are ranked among.
    private static func heights(
        _ parameter: ModelPool.Parameter,
        _ score: SamplingScore,
        _ scope: RankScope,
        of isDropped: [Bool]
    ) throws -> Heights {
        func look(at expert: Int, _ show: (Tensor) -> Void) throws {
            for range in parameter.rowBlocks where isDropped[expert] {
                let block = MergeBlock(parameter: parameter, range: range)
                show(try block.difference(expert, from: block.base()))
            }
        }
        let (width, count) = (parameter.rowWidth, parameter.count)
        switch (scope, score) {
        case (.row, .rank): return { vector, _, _ in vector.magnitudeRanks(inRowsOf: width) }
        case (.row, .magnitude): return { vector, _, _ in vector.magnitudePlaces(inRowsOf: width) }
        case (.tensor, .rank):
            let orders = try isDropped.indices.map { k in
                try MagnitudeOrder(count: isDropped[k] ? count : 0) { try look(at: k, $0) }
            }
            return { vector, k, start in orders[k].ranks(of: vector, from: start) }
        case (.tensor, .magnitude):
            let bounds = try isDropped.indices.map { k in
                var (least, largest) = (Float.infinity, Float(0))
                try look(at: k) { vector in
                    let bounds = vector.magnitudes.bounds
                    least = min(least, bounds.lowerBound)
                    largest = max(largest, bounds.upperBound)
                }
                return min(least, largest)...largest
            }
            return { vector, k, _ in vector.magnitudes.places(in: bounds[k]) }
        }
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
