internal import Tensors

// He, Hu, Lin, Zhang and Zhao, "Localize-and-Stitch: efficient model merging via sparse task
// arithmetic", 2024, arXiv:2408.13656. The few entries of each task vector that carry its skill, shared
// equally where they overlap:
//
//     θ = θ₀ + Σₖ mₖ∘τₖ / Σₖ mₖ,   mₖ: learned on labeled data, or the largest entries of τₖ

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let localizeAndStitch = MergeMethod(
        card: MethodCard(
            "localize_and_stitch",
            category: .sparsification,
            summary: "the few entries that carry each skill, averaged where they overlap",
            equation: "θ = θ₀ + Σₖ mₖ∘τₖ / Σₖ mₖ",
            source: "He et al., 2024, Localize-and-Stitch, arXiv:2408.13656",
            needs: [.base],
            options: options,
            laws: [.orderDoesNotMatter],
            example: """
                merge_method: localize_and_stitch
                base_model: models/all-MiniLM-L6-v2
                models:
                  - model: experts/role
                  - model: experts/section
                parameters: {sparsity: 0.05}
                """
        ),
        kind: .fromMasks { pool, masks, options, workers in
            let excluded = try options.excludedKeys(of: pool)
            let merged = pool.keeping { !excluded.contains($0.name) }
            guard let first = merged.parameters.first else { return { _ in { try $0.base() } } }
            if !masks.isEmpty {
                return { parameter in
                    guard !excluded.contains(parameter.name) else { return { try $0.base() } }
                    let own = try masks.map { try $0.mask(of: parameter) }
                    return stitching { vector, k, range in
                        own[k].map { vector * $0.elements(in: range) }
                            ?? Tensor.zeros(vector.shape)
                    }
                }
            }
            let share = try options.number("sparsity", first.name)
            let localize = try largest(share, of: merged, workers)
            return { parameter in
                guard !excluded.contains(parameter.name) else { return { try $0.base() } }
                return stitching { vector, k, _ in localize(vector, k) }
            }
        },
        preparation: VectorPreparation(
            reading: ["sparsity", "exclude_keys"]
        ) { pool, options, workers in
            let excluded = try options.excludedKeys(of: pool)
            let merged = pool.keeping { !excluded.contains($0.name) }
            guard let first = merged.parameters.first else { return PlainTaskVectors(pool) }
            let share = try options.number("sparsity", first.name)
            let localize = try largest(share, of: merged, workers)
            return EntrywiseTaskVectors(of: PlainTaskVectors(pool)) { parameter in
                guard !excluded.contains(parameter.name) else {
                    return { $0.map { Tensor.zeros($0.shape) } }
                }
                return { vectors in
                    let kept = vectors.enumerated().map { localize($1, $0) }
                    let shares = kept.map(\.isNonzero).sum()
                    return kept.map { $0.divided(by: shares) }
                }
            }
        }
    )

    /// Leaves the largest share of the entries of each model's vector.
    private static func largest(
        _ share: Double,
        of pool: ModelPool,
        _ workers: Workers
    ) throws -> @Sendable (Tensor, _ expert: Int) -> Tensor {
        let count = pool.parameters.reduce(0) { $0 + $1.count }
        let thresholds = try MagnitudeThresholds.of(
            ranks: pool.experts.map { _ in [max(Int(share * Double(count)), 1)] },
            in: pool,
            workers: workers
        ) { try $0.differences(from: $0.base()) }
        return { vector, k in
            var kept = vector
            // Strictly more than the last of them, as in the authors' code.
            kept.trim(below: thresholds[k][0].nextUp)
            return kept
        }
    }

    /// The mean of what `localize` leaves of each task vector, over those that it leaves.
    private static func stitching(
        _ localize: @escaping @Sendable (Tensor, _ expert: Int, Range<Int>) -> Tensor
    ) -> Rule {
        { block in
            let base = try block.base()
            let kept = try block.differences(from: base).enumerated().map {
                localize($1, $0, block.range)
            }
            return base + kept.sum().divided(by: kept.map(\.isNonzero).sum())
        }
    }

    private static let options = [
        MergeOption(
            "sparsity",
            .merge,
            .shares,
            default: .number(0.1),
            "the share of entries that is kept by size, where the recipe has no data"
        ),
        MergeOption(
            "exclude_keys",
            .merge,
            .texts,
            default: .list([]),
            "names of parameters that stay as the base has them"
        ),
        MergeOption(
            "epochs",
            .merge,
            .counts,
            default: .number(10),
            "with data, how often all of it is seen, with one step each time"
        ),
        MergeOption(
            "batch_size",
            .merge,
            .counts,
            default: .number(8),
            "the examples whose mean loss is one term of the sum"
        ),
        MergeOption(
            "learning_rate",
            .merge,
            .numbers,
            default: .number(MaskLearner.Options().rate),
            "the step size of the scores"
        ),
        MergeOption(
            "initial_sparsity",
            .merge,
            .shares,
            default: .number(MaskLearner.Options().initial),
            "the share of entries, by size, that is kept at first"
        ),
        MergeOption(
            "sigmoid_bias",
            .merge,
            .amounts,
            default: .number(MaskLearner.Options().bias),
            "the size of the first scores"
        ),
        MergeOption(
            "l1",
            .merge,
            .amounts,
            default: .number(MaskLearner.Options().l1),
            "the weight of the regulariser"
        ),
        MergeOption(
            "regulariser",
            .merge,
            .names(MaskLearner.Regulariser.allCases.map(\.rawValue)),
            default: .text(MaskLearner.Options().regulariser.rawValue),
            "l1: the paper's penalty on what is kept; polarise: the authors' code"
        ),
    ]
}
