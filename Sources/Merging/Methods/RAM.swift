internal import Tensors

// Yuan, Shi, Zhang, Liu, Yao, Vosoughi and Lee, "Behavior knowledge merge in reinforced agentic models"
// (RAM), 2026, arXiv:2601.13572, as in mergekit.
// What reinforcement changes is sparse: an entry that several models changed is averaged over those, one
// that a single model changed is kept whole, or stretched by how much that model shares:
//
//     θ = θ₀ + Σₖ cₖ·τ̂ₖ / n,   τ̂ₖ = τₖ where |τₖ| > ε, else 0,   n: how many are not 0
//     cₖ = 1 + r·clamp(shared / alone, 0, α) where n = 1, else 1

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let ram = MergeMethod(
        card: MethodCard(
            "ram",
            category: .sparsification,
            summary: "changes that models share are averaged, those of one model kept whole",
            equation: "θ = θ₀ + Σₖ τ̂ₖ / n,  τ̂ₖ = τₖ where |τₖ| > ε,  n: how many are not 0",
            source: "Yuan et al., 2026, Reinforced agent merging (RAM), arXiv:2601.13572",
            needs: [.base],
            options: [threshold],
            laws: [.orderDoesNotMatter],
            example: ramExample("ram", "")
        ),
        kind: .rule { _, options, _ in
            { parameter in
                let threshold = Float(try options.number("epsilon", parameter.name))
                return { try shared($0, threshold) { vectors, _ in vectors.sum() } }
            }
        }
    )

    /// The entry of the table; its card tells the rest.
    public static let ramPlus = MergeMethod(
        card: MethodCard(
            "ramplus_tl",
            category: .sparsification,
            summary: "the same, a model's own changes stretched by how much it shares of a tensor",
            equation: "θ = θ₀ + Σₖ cₖ·τ̂ₖ / n,  cₖ = 1 + r·clamp(shared / alone, 0, α) where n = 1",
            source: "Yuan et al., 2026, Reinforced agent merging (RAM), arXiv:2601.13572",
            needs: [.base],
            options: [
                threshold,
                MergeOption(
                    "r",
                    .merge,
                    .numbers,
                    default: .number(0.1),
                    "how much of that ratio an entry is stretched by"
                ),
                MergeOption(
                    "alpha",
                    .merge,
                    .numbers,
                    default: .number(0.2),
                    "the most that the ratio counts"
                ),
            ],
            laws: [.orderDoesNotMatter],
            example: ramExample("ramplus_tl", ", r: 0.1, alpha: 0.2")
        ),
        kind: .rule { _, options, _ in
            { parameter in
                let threshold = Float(try options.number("epsilon", parameter.name))
                let rate = try options.number("r", parameter.name)
                let most = try options.number("alpha", parameter.name)
                let counts = try counts(of: parameter, threshold)
                let extras = counts.map { count in
                    let ratio = count.alone > 0 ? count.shared / count.alone : 0
                    return Float(rate * min(max(ratio, 0), most))
                }
                return { block in
                    try shared(block, threshold) { vectors, isAlone in
                        let own = zip(vectors, extras).map { $0 * isAlone * $1 }
                        return vectors.sum() + own.sum()
                    }
                }
            }
        }
    )

    private static let threshold = MergeOption(
        "epsilon",
        .merge,
        .fractions,
        default: .number(1e-5),
        "the magnitude up to which a change counts as none"
    )

    /// The entries that count, how many models have them, and where one alone does.
    private static func counting(
        _ block: MergeBlock,
        _ threshold: Float
    ) throws -> (vectors: [Tensor], number: Tensor, isAlone: Tensor) {
        var vectors = try block.vectors()
        for k in vectors.indices { vectors[k].trim(below: threshold.nextUp) }
        let number = vectors.map(\.isNonzero).sum()
        return (vectors, number, number.equals(1))
    }

    /// The base plus some sum of the entries that count, over how many models have them.
    private static func shared(
        _ block: MergeBlock,
        _ threshold: Float,
        _ sum: ([Tensor], Tensor) -> Tensor
    ) throws -> Tensor {
        let (vectors, number, isAlone) = try counting(block, threshold)
        return try block.addingBase(to: sum(vectors, isAlone).divided(by: number))
    }

    /// How many entries each model changes alone, and how many with others.
    private static func counts(
        of parameter: ModelPool.Parameter,
        _ threshold: Float
    ) throws -> [(alone: Double, shared: Double)] {
        var counts = parameter.experts.map { _ in (alone: 0.0, shared: 0.0) }
        for range in Blocks.of(shape: parameter.shape) {
            let block = MergeBlock(parameter: parameter, range: range)
            let (vectors, _, isAlone) = try counting(block, threshold)
            for (k, vector) in vectors.enumerated() {
                let (all, alone) = (vector.isNonzero.sum(), vector.isNonzero.dot(isAlone))
                counts[k].alone += alone
                counts[k].shared += all - alone
            }
        }
        return counts
    }

    private static func ramExample(_ name: String, _ more: String) -> String {
        """
        merge_method: \(name)
        base_model: models/chat
        models:
          - model: agents/code
          - model: agents/search
        parameters: {epsilon: 0.00001\(more)}
        """
    }
}
