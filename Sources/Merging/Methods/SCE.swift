internal import Tensors

// Wan, Zhong, Yang, Chen and Quan, "FuseChat: knowledge fusion of chat models", 2024, arXiv:2408.07990.
// Select the entries in which the models differ most, calculate what each model counts, erase what goes
// against the majority:
//
//     θ = θ₀ + Σₖ Aₖ·ηₖ·τ̂ₖ / Σₖ Aₖ·ηₖ,   ηₖ = Σ τ̂ₖ² / Σⱼ Σ τ̂ⱼ²,   Aₖ = [sign τ̂ₖ = sign Σⱼ τ̂ⱼ]
//
// where τ̂ are the entries of largest variance over the models, a share of those that have any.

/// What the selection holds for.
private enum SelectScope: String, CaseIterable {
    /// All that follows (mergekit).
    case all
    /// What each model counts, and nothing else (the authors' code).
    case weights
}

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let sce = MergeMethod(
        card: MethodCard(
            "sce",
            category: .sparsification,
            summary: "entries in which the models differ most, weighted by each model's changes",
            equation: "θ = θ₀ + Σₖ Aₖ·ηₖ·τ̂ₖ / Σₖ Aₖ·ηₖ,  ηₖ = Σ τ̂ₖ² / Σⱼ Σ τ̂ⱼ²",
            source: "Wan et al., 2024, FuseChat (SCE), arXiv:2408.07990",
            needs: [.base],
            options: [
                MergeOption(
                    "select_topk",
                    .merge,
                    .fractions,
                    default: .number(1),
                    "the share of the entries with any variance that is selected"
                ),
                MergeOption(
                    "select_scope",
                    .merge,
                    .names(SelectScope.allCases.map(\.rawValue)),
                    default: .text(SelectScope.all.rawValue),
                    "merge what is selected (all, as mergekit), or only weigh by it (weights)"
                ),
                MergeOption(
                    "uniform_below",
                    .merge,
                    .fractions,
                    default: .number(1e-6),
                    "all models count the same in a tensor whose mean squares sum to less"
                ),
            ],
            accepted: ["int8_mask"],
            laws: [.orderDoesNotMatter],
            example: """
                merge_method: sce
                base_model: models/all-MiniLM-L6-v2
                models:
                  - model: experts/role
                  - model: experts/section
                parameters: {select_topk: 0.1}
                """
        ),
        kind: .rule { _, options, _ in
            { parameter in
                let scope: SelectScope = try options.choice("select_scope", parameter.name)
                let share = try options.number("select_topk", parameter.name)
                let selection = try share < 1 ? Selection(of: parameter, share: share) : nil
                let products = try InnerProducts(of: parameter) { block in
                    let vectors = try block.vectors()
                    return selection?.apply(to: vectors, of: block) ?? vectors
                }
                let squares = (0..<products.count).map { products[$0, $0] }
                let sum = squares.reduce(0, +)
                let least = try options.number("uniform_below", parameter.name)
                let isUniform = sum == 0 || sum / Double(parameter.count) < least
                let weights = squares.map { isUniform ? 1 / Float(squares.count) : Float($0 / sum) }
                return { block in
                    var vectors = try block.vectors()
                    if scope == .all, let selection {
                        vectors = selection.apply(to: vectors, of: block)
                    }
                    let weighted = zip(vectors, weights).map { $0 * $1 }
                    let consensus = Consensus(weighted, weights, electedBy: vectors.sum())
                    let divisor = consensus.weight.clamped(to: 1e-6...Float.greatestFiniteMagnitude)
                    return try block.addingBase(to: consensus.sum.divided(by: divisor))
                }
            }
        }
    )
}

/// The entries of a parameter whose variance over the models is largest.
private struct Selection {
    private let trimming: Trimming

    init(of parameter: ModelPool.Parameter, share: Double) throws {
        var varying = 0.0
        for range in Blocks.of(shape: parameter.shape) {
            let block = MergeBlock(parameter: parameter, range: range)
            varying += Self.variance(of: try block.vectors()).isNonzero.sum()
        }
        trimming = try Trimmings.of(parameter, keeping: [Int(varying * share)]) { block in
            [Self.variance(of: try block.vectors())]
        }[0]
    }

    /// The vectors with zeros where nothing is selected.
    func apply(to vectors: [Tensor], of block: MergeBlock) -> [Tensor] {
        var selected = Self.variance(of: vectors)
        trimming.apply(&selected, from: block.range.lowerBound)
        let mask = selected.isNonzero
        return vectors.map { $0 * mask }
    }

    private static func variance(of vectors: [Tensor]) -> Tensor {
        let mean = vectors.sum() * (1 / Float(vectors.count))
        var squares = Tensor.zeros(mean.shape)
        for vector in vectors { squares.addSquares(of: vector - mean) }
        return squares
    }
}
