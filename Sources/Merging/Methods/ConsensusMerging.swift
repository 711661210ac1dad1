internal import Tensors

// Wang, Dimitriadis, Ortiz-Jiménez, Fleuret and Frossard, "Localizing task information for improved model
// merging and compression", 2024, arXiv:2405.07813. Of a sum of task vectors stays what enough tasks use,
// as their TALL masks tell:
//
//     θ = θ₀ + α · [Σₖ mₖ ≥ n]·S,   mₖ = [|τₖ| > λₖ·|S − τₖ|],   S = Σₖ τₖ, or the sum of TIES

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let consensusTA = MergeMethod(
        card: MethodCard(
            "consensus_ta",
            category: .sparsification,
            summary: "the sum of the task vectors where enough tasks use it",
            equation: "θ = θ₀ + α · [Σₖ mₖ ≥ n]·S,  mₖ = [|τₖ| > λₖ·|S − τₖ|],  S = Σₖ τₖ",
            source: "Wang et al., 2024, TALL-masks and Consensus Merging, arXiv:2405.07813",
            needs: [.base],
            options: masks,
            laws: [.orderDoesNotMatter],
            example: consensusExample("consensus_ta", "")
        ),
        kind: .rule { _, options, _ in
            { parameter in try consensus(parameter, options) { $1.sum() } }
        }
    )

    /// The entry of the table; its card tells the rest.
    public static let consensusTIES = MergeMethod(
        card: MethodCard(
            "consensus_ties",
            category: .sparsification,
            summary: "the sum that TIES makes of the task vectors where enough tasks use it",
            equation: "θ = θ₀ + α · [Σₖ mₖ ≥ n]·S,  mₖ = [|τₖ| > λₖ·|S − τₖ|],  S: the sum of TIES",
            source: "Wang et al., 2024, TALL-masks and Consensus Merging, arXiv:2405.07813",
            needs: [.base],
            options: masks + [
                MergeOption(
                    "density",
                    .model,
                    .shares,
                    default: .number(0.2),
                    "the share of a model's entries that TIES keeps"
                )
            ],
            laws: [.orderDoesNotMatter],
            example: consensusExample("consensus_ties", ", density: 0.2")
        ),
        kind: .rule { pool, options, workers in
            let densities = try options.constant(
                "density",
                of: pool,
                method: "consensus_ties",
                must: "one threshold for the whole model"
            )
            let elected = try ElectedTaskVectors(pool, densities: densities, workers: workers)
            return { parameter in
                try consensus(parameter, options) { block, _ in
                    try elected.differences(
                        of: parameter,
                        in: block.range,
                        base: block.base()
                    ).sum()
                }
            }
        }
    )

    private static let masks = [
        MergeOption(
            "tall_mask_lambda",
            .model,
            .numbers,
            default: .number(0.4),
            "λₖ: how clearly an entry must be the task's own"
        ),
        MergeOption(
            "prun_thre_k",
            .merge,
            .numbers,
            default: .number(2),
            "n: how many tasks must use an entry"
        ),
        MergeOption(
            "scaling_factor",
            .merge,
            .numbers,
            default: .number(0.3),
            "the factor α of the sum"
        ),
    ]

    private static func consensus(
        _ parameter: ModelPool.Parameter,
        _ options: MergeOptions,
        _ sum: @escaping @Sendable (MergeBlock, [Tensor]) throws -> Tensor
    ) throws -> Rule {
        let clearness = try options.numbers("tall_mask_lambda", parameter).map { Float($0) }
        let least = Float(try options.number("prun_thre_k", parameter.name))
        let factor = Float(try options.number("scaling_factor", parameter.name))
        return { block in
            let vectors = try block.vectors()
            let sum = try sum(block, vectors)
            let masks = zip(vectors, clearness).map { $0.exceeds(sum - $0, times: $1) }
            return try block.addingBase(to: sum * masks.sum().reaches(least) * factor)
        }
    }

    private static func consensusExample(_ name: String, _ more: String) -> String {
        """
        merge_method: \(name)
        base_model: models/all-MiniLM-L6-v2
        models:
          - model: experts/role
          - model: experts/section
          - model: experts/field
        parameters: {tall_mask_lambda: 0.4, prun_thre_k: 2, scaling_factor: 0.3\(more)}
        """
    }
}
