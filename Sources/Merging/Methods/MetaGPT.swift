internal import Tensors

// Zhou, Song, Wang and Chen, "MetaGPT: merging large language models using model exclusive task
// arithmetic", 2024, arXiv:2406.11385. The coefficients that are best where losses are flat and task
// vectors are perpendicular:
//
//     θ = θ₀ + Σₖ λₖ·τₖ,   λₖ = ‖τₖ‖² / Σⱼ ‖τⱼ‖²,   norms over the whole model

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let metaGPT = MergeMethod(
        card: MethodCard(
            "metagpt",
            category: .taskVectors,
            summary: "the base plus task vectors weighted by their squared lengths",
            equation: "θ = θ₀ + Σₖ λₖ·τₖ,  λₖ = ‖τₖ‖² / Σⱼ ‖τⱼ‖²",
            source: "Zhou et al., 2024, MetaGPT, arXiv:2406.11385",
            needs: [.base],
            options: [],
            laws: [.copiesMergeToThemselves, .orderDoesNotMatter],
            example: """
                merge_method: metagpt
                base_model: models/all-MiniLM-L6-v2
                models:
                  - model: experts/role
                  - model: experts/section
                """
        ),
        kind: .rule { pool, _, workers in
            let squares = try workers.map(pool.parameters.count) { index in
                let products = try InnerProducts(of: pool.parameters[index]) { try $0.vectors() }
                return (0..<products.count).map { products[$0, $0] }
            }
            let sums = pool.experts.indices.map { k in
                squares.reduce(0) { $0 + ($1.isEmpty ? 0 : $1[k]) }
            }
            let total = sums.reduce(0, +)
            let coefficients = sums.map { Float(total > 0 ? $0 / total : 0) }
            let vectors = PlainTaskVectors(pool)
            return { parameter in
                { try vectors.merged(parameter, in: $0.range, by: coefficients) }
            }
        }
    )
}
