internal import Tensors

// mergekit (github.com/arcee-ai/mergekit), passthrough: the tensors of one model as they are, or times
// a number that may differ from tensor to tensor. Its use with stacked layers is depth up-scaling, Kim
// et al., "SOLAR 10.7B: scaling large language models with simple yet effective depth up-scaling", 2023,
// arXiv:2312.15166.
//
//     θ = scale · θ₁

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let passthrough = MergeMethod(
        card: MethodCard(
            "passthrough",
            category: .averages,
            summary: "one model as it is, or its tensors times a number",
            equation: "θ = scale · θ₁",
            source:
                "Goddard et al., 2024, Arcee's MergeKit, arXiv:2403.13257; Kim et al., 2023, SOLAR 10.7B, "
                + "arXiv:2312.15166",
            needs: [],
            counts: 1...1,
            options: [
                MergeOption(
                    "scale",
                    .model,
                    .numbers,
                    default: .number(1),
                    "the factor of a tensor"
                )
            ],
            laws: [.copiesMergeToThemselves],
            example: """
                merge_method: passthrough
                models:
                  - model: experts/role
                    parameters:
                      scale:
                        - {filter: output.dense, value: 0.9}
                        - {value: 1}
                """
        ),
        kind: .rule { _, options, _ in
            { parameter in
                let scale = Float(try options.number("scale", parameter.name, model: 0))
                return { block in
                    let model = try block.models()[0]
                    return scale == 1 ? model : model * scale
                }
            }
        }
    )
}
