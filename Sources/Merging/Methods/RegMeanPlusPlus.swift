internal import Tensors

// Nguyen, Dang, Suzuki and Nguyen, "RegMean++: enhancing effectiveness and generalization of
// regression mean for model merging", 2025, arXiv:2508.03121. RegMean's equations, block by block:
// an expert's own block reads what the merged blocks before it give.
//
//     h₀ = average front (x),   Gₖ of block l: of expert k's block l on hₗ,   hₗ₊₁ = merged block l (hₗ)

/// What becomes of the parameters behind the last block.
private enum Tail: String, CaseIterable {
    /// The base's, as in the reference implementation.
    case base
    /// The average.
    case mean
    /// RegMean's, behind the merged blocks.
    case regmean
}

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let regMeanPlusPlus = MergeMethod(
        card: MethodCard(
            "regmean_plusplus",
            category: .statistics,
            summary: "RegMean block by block, on what the merged blocks before give",
            equation: "W = Σₖ Wₖ·G̃ₖ · (Σₖ G̃ₖ)⁻¹,  Gₖ: XₖᵀXₖ of expert k's block on merged inputs",
            source: "Nguyen et al., 2025, RegMean++, arXiv:2508.03121",
            needs: [.base, .unlabeledData],
            options: regressionOptions + [
                MergeOption(
                    "tail",
                    .merge,
                    .names(Tail.allCases.map(\.rawValue)),
                    default: .text(Tail.base.rawValue),
                    "what follows the blocks: the base's, the mean, or regmean"
                )
            ],
            laws: [],
            example: """
                merge_method: regmean_plusplus
                base_model: models/all-MiniLM-L6-v2
                models:
                  - model: experts/role
                  - model: experts/section
                tasks:
                  - {name: role, data: data/role}
                  - {name: section, data: data/section}
                parameters: {alpha: 0.95, tail: mean}
                """
        ),
        kind: .blockByBlock { _, statistics, options, report in
            { parameter in
                guard case .tail = ModelPart(of: parameter.name) else {
                    return try regression(parameter, statistics, options, report)
                }
                let tail: Tail = try options.choice("tail", parameter.name)
                switch tail {
                case .base: return { try $0.base() }
                case .mean: return average(try options.numbers("weight", parameter))
                case .regmean: return try regression(parameter, statistics, options, report)
                }
            }
        }
    )
}
