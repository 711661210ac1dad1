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
            category: .averages,
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
                var weights = try options.numbers("weight", parameter)
                if try options.flag("normalize", parameter.name) {
                    weights = try normalized(
                        weights,
                        method: "linear",
                        flag: "normalize",
                        parameter
                    )
                }
                let shares = weights
                return { try $0.sum(by: shares) }
            }
        }
    )
}

extension MergeMethod {
    /// Weights divided by their sum.
    static func normalized(
        _ weights: [Double],
        method: String,
        flag: String,
        _ parameter: ModelPool.Parameter
    ) throws -> [Double] {
        let total = weights.reduce(0, +)
        guard abs(total) > 1e-8 else {
            throw MergeError.option(
                method: method,
                name: "the sum of the weights",
                found: String(total),
                expected: "other than 0 with \(flag): true (\(parameter.name))"
            )
        }
        return weights.map { $0 / total }
    }
}
