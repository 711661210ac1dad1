internal import Tensors

// Zhou, Song, Wang and Chen, "MetaGPT: merging large language models using model exclusive task
// arithmetic", 2024, arXiv:2406.11385. The coefficients that are best where losses are flat and task
// vectors are perpendicular:
//
//     θ = θ₀ + Σₖ λₖ·τₖ,   λₖ = ‖τₖ‖² / Σⱼ ‖τⱼ‖²,   norms over the whole model, or of each tensor

/// What has coefficients of its own.
private enum NormScope: String, CaseIterable { case model, tensor }

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
            options: [
                MergeOption(
                    "granularity",
                    .merge,
                    .names(NormScope.allCases.map(\.rawValue)),
                    default: .text(NormScope.model.rawValue),
                    "one coefficient of each model (as published), or one for each tensor"
                )
            ],
            laws: [.copiesMergeToThemselves, .orderDoesNotMatter],
            example: """
                merge_method: metagpt
                base_model: models/all-MiniLM-L6-v2
                models:
                  - model: experts/role
                  - model: experts/section
                """
        ),
        kind: .rule { pool, options, workers in
            guard let first = pool.parameters.first?.name else { throw MergeError.noModels }
            let scope: NormScope = try options.choice("granularity", first)
            if scope == .tensor {
                return { combination(of: pool, by: shares(try squares(of: $0), among: pool)) }
            }
            let all = try workers.map(pool.parameters.count) {
                try squares(of: pool.parameters[$0])
            }
            let sums = pool.experts.indices.map { k in
                all.reduce(0) { $0 + ($1.isEmpty ? 0 : $1[k]) }
            }
            return { _ in combination(of: pool, by: shares(sums, among: pool)) }
        }
    )

    /// `‖τₖ‖²` of every model; nothing of a parameter without elements.
    private static func squares(of parameter: ModelPool.Parameter) throws -> [Double] {
        let products = try InnerProducts(of: parameter) { try $0.vectors() }
        return (0..<products.count).map { products[$0, $0] }
    }

    /// What each is of the sum; nothing where all are 0.
    private static func shares(_ squares: [Double], among pool: ModelPool) -> [Double] {
        let total = squares.reduce(0, +)
        return total > 0 ? squares.map { $0 / total } : pool.experts.map { _ in 0 }
    }
}
