internal import Tensors

// The model card of QuartetAnemoi-70B-t0.0001 (alchemonaut, 2024), and mergekit
// (github.com/arcee-ai/mergekit): where the other model is near, its element is taken, and elsewhere the
// base goes a step towards it.
//
//     θ = θ₀ + g·τ,   g = clamp(t / max(|τ|, 1e-6), 0, 1)

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let nearSwap = MergeMethod(
        card: MethodCard(
            "nearswap",
            category: .averages,
            summary: "base_model moved towards one other model, no element by more than t",
            equation: "θ = θ₀ + g·τ,  g = clamp(t / max(|τ|, 1e-6), 0, 1)",
            source: "alchemonaut, 2024, model card of QuartetAnemoi-70B-t0.0001; Goddard "
                + "et al., 2024, Arcee's MergeKit, arXiv:2403.13257",
            needs: [.base],
            counts: 1...1,
            options: [
                MergeOption("t", .merge, .numbers, default: nil, "the most that an element moves")
            ],
            laws: [],
            example: """
                merge_method: nearswap
                base_model: experts/role
                models:
                  - model: experts/role
                  - model: experts/section
                parameters: {t: 0.0001}
                """
        ),
        kind: .rule { _, options, _ in
            { parameter in
                let t = Float(try options.number("t", parameter.name))
                return { block in
                    let base = try block.base()
                    let vector = try block.differences(from: base)[0]
                    return base + vector * vector.shares(within: t, atLeast: 1e-6)
                }
            }
        }
    )
}
