internal import Tensors

// Model soups: Wortsman, Ilharco, Gadre, Roelofs, Gontijo-Lopes, Morcos, Namkoong, Farhadi, Carmon,
// Kornblith and Schmidt, "Model soups: averaging weights of multiple fine-tuned models improves
// accuracy without increasing inference time", 2022, arXiv:2203.05482.
//
//     θ = Σₖ wₖ·θₖ / Σₖ wₖ

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let linear = MergeMethod(
        card: MethodCard(
            "linear",
            summary: "the weighted average of the models",
            equation: "θ = Σₖ wₖ·θₖ / (normalize ? Σₖ wₖ : 1)",
            source: "Wortsman et al., 2022, Model soups, arXiv:2203.05482",
            needs: [],
            options: [
                MergeOption(
                    "weight",
                    .model,
                    .numbers,
                    default: nil,
                    "the share wₖ of a model; may be negative"
                ),
                MergeOption(
                    "normalize",
                    .merge,
                    .flags,
                    default: .flag(true),
                    "divide by the sum of the weights"
                ),
            ],
            accepted: ["int8_mask"],
            laws: [.copiesMergeToThemselves, .orderDoesNotMatter],
            example: """
                merge_method: linear
                models:
                  - model: experts/role
                    parameters: {weight: 0.6}
                  - model: experts/section
                    parameters: {weight: 0.4}
                """
        ),
        kind: .rule { _, options, _ in
            { parameter in
                let weights = try options.numbers("weight", parameter)
                let total = weights.reduce(0, +)
                let normalize = try options.flag("normalize", parameter.name)
                guard !normalize || abs(total) > 1e-8 else {
                    throw MergeError.option(
                        method: "linear",
                        name: "the sum of the weights",
                        found: String(total),
                        expected: "other than 0 with normalize: true (\(parameter.name))"
                    )
                }
                let shares = weights.map { Float(normalize ? $0 / total : $0) }
                return { block in
                    var sum = Tensor.zeros([block.range.count])
                    for (model, share) in zip(try block.models(), shares) {
                        sum.add(model, times: share)
                    }
                    return sum
                }
            }
        }
    )
}
