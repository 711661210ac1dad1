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
            { parameter in
                let kept = try usedByEnough(parameter, options) { $0 }
                return try sum(of: kept, parameter, options)
            }
        },
        preparation: VectorPreparation(
            reading: ["tall_mask_lambda", "prun_thre_k"]
        ) { pool, options, _ in
            try EntrywiseTaskVectors(of: PlainTaskVectors(pool)) { parameter in
                try usedByEnough(parameter, options) { $0 }
            }
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
            let elected = try elected(pool, options, workers)
            return { parameter in
                let kept = try usedByEnough(parameter, options, elected.elected)
                return try sum(of: kept, parameter, options)
            }
        },
        preparation: VectorPreparation(
            reading: ["tall_mask_lambda", "prun_thre_k", "density"]
        ) { pool, options, workers in
            let elected = try elected(pool, options, workers)
            return try EntrywiseTaskVectors(of: PlainTaskVectors(pool)) { parameter in
                try usedByEnough(parameter, options, elected.elected)
            }
        }
    )

    private static func elected(
        _ pool: ModelPool,
        _ options: MergeOptions,
        _ workers: Workers
    ) throws -> ElectedTaskVectors {
        try ElectedTaskVectors(pool, options, must: "one threshold for the whole model", workers)
    }

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

    /// What is summed of task vectors, in the places that enough tasks use.
    private static func usedByEnough(
        _ parameter: ModelPool.Parameter,
        _ options: MergeOptions,
        _ summands: @escaping @Sendable ([Tensor]) -> [Tensor]
    ) throws -> EntrywiseTaskVectors.Rule {
        let clearness = try options.numbers("tall_mask_lambda", parameter).map { Float($0) }
        let least = Float(try options.number("prun_thre_k", parameter.name))
        return { vectors in
            let summands = summands(vectors)
            let sum = summands.sum()
            let masks = zip(vectors, clearness).map { $0.exceeds(sum - $0, times: $1) }
            let used = masks.sum().reaches(least)
            return summands.map { $0 * used }
        }
    }

    private static func sum(
        of kept: @escaping EntrywiseTaskVectors.Rule,
        _ parameter: ModelPool.Parameter,
        _ options: MergeOptions
    ) throws -> Rule {
        let factor = Float(try options.number("scaling_factor", parameter.name))
        return { block in
            try block.addingBase(to: kept(block.vectors()).sum() * factor)
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
