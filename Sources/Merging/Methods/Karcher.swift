internal import Foundation
internal import Tensors

// The Riemannian centre of mass on the sphere (Karcher, 1977), as in mergekit; for models, Wang, Ye and
// Yin, "Functionality-oriented LLM merging on the Fisher-Rao manifold", 2026, arXiv:2603.04972. Each
// tensor is a direction and a length; the direction m is the one that the models' directions uₖ pull
// evenly, found step by step:
//
//     m ← cos‖T‖·m + sin‖T‖·T/‖T‖,   T = 1/K · Σₖ θₖ/sin θₖ · (uₖ − cos θₖ·m),   cos θₖ = ⟨uₖ, m⟩

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let karcher = MergeMethod(
        card: MethodCard(
            "karcher",
            category: .averages,
            summary: "the mean of the models on the sphere, tensor by tensor",
            equation: "θ = 1/K · Σₖ ‖θₖ‖ · m,  m = argmin Σₖ angle(m, θₖ)²",
            source: "Karcher, 1977, Riemannian center of mass; Wang et al., 2026, Merging on the "
                + "Fisher-Rao manifold, arXiv:2603.04972",
            needs: [],
            options: [
                MergeOption(
                    "max_iter",
                    .merge,
                    .counts,
                    default: .number(10),
                    "the most steps"
                ),
                MergeOption(
                    "tol",
                    .merge,
                    .fractions,
                    default: .number(1e-5),
                    "the length of a step that is the last, and of a tensor that counts as zero"
                ),
            ],
            laws: [.copiesMergeToThemselves, .orderDoesNotMatter],
            example: """
                merge_method: karcher
                models:
                  - model: experts/role
                  - model: experts/section
                  - model: experts/field
                """
        ),
        kind: .rule { _, options, _ in
            { parameter in
                let steps = Int(try options.number("max_iter", parameter.name))
                let tolerance = try options.number("tol", parameter.name)
                let products = try InnerProducts(of: parameter) { try $0.models() }
                let direction = centre(products, steps, tolerance)
                let size = products.norms.reduce(0, +) / Double(products.count)
                let factors = direction.map { $0 * size }
                return { try $0.sum(by: factors) }
            }
        }
    )

    /// The factors of the mean direction; none where every model is zero.
    private static func centre(
        _ products: InnerProducts,
        _ steps: Int,
        _ tolerance: Double
    ) -> [Double] {
        let norms = products.norms
        let counting = norms.indices.filter { norms[$0] > tolerance }
        guard let first = counting.first else { return norms.map { _ in 0 } }
        let share = 1 / Double(counting.count)
        var mean = norms.map { $0 > tolerance ? share / $0 : 0 }
        let length = products.norm(mean)
        if length < tolerance {
            mean = norms.indices.map { $0 == first ? 1 / norms[first] : 0 }
        } else {
            mean = mean.map { $0 / length }
        }
        for _ in 0..<steps {
            var step = norms.map { _ in 0.0 }
            for k in counting {
                let cosine = max(-1, min(1, products.dot(k, mean) / norms[k]))
                let angle = acos(cosine)
                guard angle >= tolerance else { continue }
                let pull = share * angle / sin(angle)
                for j in step.indices { step[j] -= pull * cosine * mean[j] }
                step[k] += pull / norms[k]
            }
            let size = products.norm(step)
            guard size >= tolerance else { break }
            for j in mean.indices { mean[j] = cos(size) * mean[j] + sin(size) / size * step[j] }
            let length = products.norm(mean)
            mean = mean.map { $0 / length }
        }
        return mean
    }
}
