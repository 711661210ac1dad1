internal import Tensors

// Ilharco, Ribeiro, Wortsman, Gururangan, Schmidt, Hajishirzi and Farhadi, "Editing models with task
// arithmetic", 2023, arXiv:2212.04089.
//
//     θ = θ₀ + λ · Σₖ wₖ·τₖ        addition: wₖ > 0; negation: wₖ < 0; analogy: τ_C + τ_B − τ_A

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let taskArithmetic = MergeMethod(
        card: MethodCard(
            "task_arithmetic",
            category: .taskVectors,
            summary: "the base plus a weighted sum of task vectors",
            equation: "θ = θ₀ + λ · Σₖ wₖ·τₖ / (normalize ? Σₖ wₖ : 1),  τₖ = θₖ − θ₀",
            source: "Ilharco et al., 2023, Editing models with task arithmetic, arXiv:2212.04089",
            needs: [.base],
            options: [
                MergeOption(
                    "weight",
                    .model,
                    .numbers,
                    default: nil,
                    "the factor wₖ of a task vector; negative forgets"
                ),
                MergeOption(
                    "normalize",
                    .merge,
                    .flags,
                    default: .flag(false),
                    "divide by the sum of the weights"
                ),
                MergeOption(
                    "lambda",
                    .merge,
                    .numbers,
                    default: .number(1),
                    "the factor of the sum"
                ),
            ],
            accepted: ["int8_mask", "rescale", "density"],
            laws: [.orderDoesNotMatter, .zeroWeightsGiveBase],
            example: """
                merge_method: task_arithmetic
                base_model: models/all-MiniLM-L6-v2
                models:
                  - model: experts/role
                    parameters: {weight: 0.3}
                  - model: experts/section
                    parameters: {weight: 0.3}
                """
        ),
        kind: .rule { pool, options, _ in
            { parameter in
                let weights = try options.numbers("weight", parameter)
                let total = weights.reduce(0, +)
                let divisor =
                    try options.flag("normalize", parameter.name) && abs(total) >= 1e-8 ? total : 1
                let factor = try options.number("lambda", parameter.name) / divisor
                let coefficients = weights.map { Float($0 * factor) }
                let vectors = PlainTaskVectors(pool)
                return { try vectors.merged(parameter, in: $0.range, by: coefficients) }
            }
        },
        preparation: VectorPreparation { pool, _, _ in PlainTaskVectors(pool) }
    )
}
