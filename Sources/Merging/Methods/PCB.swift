internal import Tensors

// Du, Lee, Li, Jiang, Guo, Yu, Liu, Goh, Tang, He and Zhang, "Parameter competition balancing for model
// merging", 2024, arXiv:2410.02396. An entry counts with its score, for being large in its model and for
// going along with the others, and only if that is among the best of its model:
//
//     θ = θ₀ + λ · Σₖ βₖ·τ̃ₖ / Σₖ βₖ,   sₖ = exp(K·N(|τ̃ₖ|)²) · tanh(τₖ·S),   S = Σⱼ τⱼ
//
// τ̃: magnitudes clamped to some order statistics of the model; N: from 0 for the least to 1 for the most
// of the model; β: N of the scores, those below the ratio's clamped to its threshold. This is the authors'
// code; `variant: paper` has the paper's softmax over the model instead (`SoftCompetition`).

/// Which text the method follows.
private enum PCBVariant: String, CaseIterable { case code, paper }

/// What an entry is multiplied by in the tanh.
private enum InterScale: String, CaseIterable {
    /// The sum of the task vectors (the code for language models).
    case raw
    /// The sum of their signs times `N` (the code for vision models).
    case normalised
}

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let pcb = MergeMethod(
        card: MethodCard(
            "pcb",
            category: .sparsification,
            summary: "task vectors weighted entry by entry, by size and by agreement",
            equation:
                "θ = θ₀ + λ · Σₖ βₖ·τₖ / Σₖ βₖ,  βₖ: the best of exp(K·N(|τₖ|)²) · tanh(τₖ·Σⱼ τⱼ)",
            source: "Du et al., 2024, PCB-Merging, arXiv:2410.02396",
            needs: [.base],
            options: [
                MergeOption(
                    "pcb_ratio",
                    .merge,
                    .shares,
                    default: .number(0.1),
                    "the share of a model's entries that counts"
                ),
                .lambda(),
                MergeOption(
                    "clamp_ratio",
                    .merge,
                    .fractions,
                    default: .number(0.0001),
                    "the share of a model's entries that is clamped at either end"
                ),
                MergeOption(
                    "inter_scale",
                    .merge,
                    .names(InterScale.allCases.map(\.rawValue)),
                    default: .text(InterScale.raw.rawValue),
                    "in the tanh, the sum of task vectors (raw) or of their places (normalised)"
                ),
                MergeOption(
                    "variant",
                    .merge,
                    .names(PCBVariant.allCases.map(\.rawValue)),
                    default: .text(PCBVariant.code.rawValue),
                    "scores as the authors' code has them, or the paper: a softmax over the model"
                ),
            ],
            laws: [.orderDoesNotMatter],
            example: """
                merge_method: pcb
                base_model: models/all-MiniLM-L6-v2
                models:
                  - model: experts/role
                  - model: experts/section
                parameters: {pcb_ratio: 0.1, lambda: 1.2}
                """
        ),
        kind: .rule { pool, options, workers in
            let rule = try shares(pool, options, workers)
            return { parameter in
                let lambda = Float(try options.number("lambda", parameter.name))
                return { block in
                    let shares = try rule(block.vectors())
                    return try block.addingBase(to: shares.sum() * lambda)
                }
            }
        },
        preparation: VectorPreparation(
            reading: ["pcb_ratio", "clamp_ratio", "inter_scale", "variant"]
        ) { pool, options, workers in
            let rule = try shares(pool, options, workers)
            return EntrywiseTaskVectors(of: PlainTaskVectors(pool)) { _ in rule }
        }
    )

    /// What each model contributes to an entry.
    private static func shares(
        _ pool: ModelPool,
        _ options: MergeOptions,
        _ workers: Workers
    ) throws -> EntrywiseTaskVectors.Rule {
        guard let first = pool.parameters.first?.name else { throw MergeError.noModels }
        let ratio = try options.number("pcb_ratio", first)
        let variant: PCBVariant = try options.choice("variant", first)
        switch variant {
        case .paper: return try SoftCompetition(pool, ratio: ratio, workers).shares
        case .code:
            return try Competition(
                pool,
                ratio: ratio,
                clamping: options.number("clamp_ratio", first),
                scale: options.choice("inter_scale", first),
                workers
            ).shares
        }
    }
}

/// How the entries of the models do against each other.
private struct Competition {
    private let scale: InterScale
    /// The range of each model's magnitudes.
    private let sizes: [ClosedRange<Float>]
    /// The range of each model's scores that count.
    private let scores: [ClosedRange<Float>]

    /// Looks at the whole model four times: for the ranges of magnitudes, and for those of scores.
    init(
        _ pool: ModelPool,
        ratio: Double,
        clamping: Double,
        scale: InterScale,
        _ workers: Workers
    ) throws {
        self.scale = scale
        let count = pool.parameters.reduce(0) { $0 + $1.count }
        /// The rank from the largest of what is at an index from the smallest.
        func rank(_ index: Double) -> Int { count - max(0, min(count - 1, Int(index))) }
        let ends = [
            rank(Double(count) * clamping), rank(Double(count) * (1 - clamping) - 1),
        ]
        let bounds = try MagnitudeThresholds.of(
            ranks: pool.experts.map { _ in ends },
            in: pool,
            workers: workers
        ) { try $0.vectors() }
        let sizes = bounds.map { $0[0]...max($0[0], $0[1]) }
        self.sizes = sizes
        // Scores have signs. The magnitudes of the positive ones and of the others are told apart; as
        // the other part of each is zeros, a rank that finds a zero is looked for on the other side.
        let threshold = rank(Double(count) * (1 - ratio))
        let ranks = [1, threshold, count, count - threshold + 1]
        let found = try MagnitudeThresholds.of(
            ranks: (pool.experts + pool.experts).map { _ in ranks },
            in: pool,
            workers: workers
        ) { block in
            let all = Self.scores(try block.vectors(), sizes, scale)
            let positive = all.map { $0.clamped(to: 0...Float.greatestFiniteMagnitude) }
            return positive + zip(positive, all).map { $0 - $1 }
        }
        scores = pool.experts.indices.map { k in
            let (above, below) = (found[k], found[pool.experts.count + k])
            let largest = above[0] > 0 ? above[0] : -below[2]
            let least = above[1] > 0 ? above[1] : -below[3]
            return least...max(least, largest)
        }
    }

    /// `βₖ·τ̃ₖ / Σⱼ βⱼ` of every model.
    @Sendable func shares(of vectors: [Tensor]) -> [Tensor] {
        let places = zip(Self.scores(vectors, sizes, scale), scores).map { $0.places(in: $1) }
        let divisor = places.sum().clamped(to: 1e-12...Float.greatestFiniteMagnitude)
        return zip(places, zip(vectors, sizes)).map { place, vector in
            (place * vector.0.clampingMagnitudes(to: vector.1)).divided(by: divisor)
        }
    }

    private static func scores(
        _ vectors: [Tensor],
        _ sizes: [ClosedRange<Float>],
        _ scale: InterScale
    ) -> [Tensor] {
        let sum =
            switch scale {
            case .raw: vectors.sum()
            case .normalised: zip(vectors, sizes).map { $0.placesOfMagnitudes(in: $1) }.sum()
            }
        return zip(vectors, sizes).map {
            $0.competitionScores(of: $1, among: vectors.count, sum: sum)
        }
    }
}
