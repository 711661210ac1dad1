internal import Foundation
internal import Tensors

// Jang, Yun and Han, "Model Stock: all we need is just a few fine-tuned models", 2024,
// arXiv:2403.19522. Models that were fine-tuned on one task lie around its centre; how far their mean is
// from there, the angle between them tells, for each tensor or row:
//
//     θ = θ₀ + r · 1/K · Σₖ τₖ,   r = K·c / (1 + (K−1)·c),   c: the mean cosine of two task vectors

/// What is averaged over the pairs of models.
private enum AngleAverage: String, CaseIterable {
    /// The cosines of the angles (mergekit).
    case cosine
    /// The angles (FusionBench).
    case angle

    /// The cosine of two vectors of some norms.
    func cosine(_ product: Double, _ a: Double, _ b: Double) -> Double {
        let cosine = self == .cosine ? product / max(a * b, 1e-6) : product / (a * b + 1e-8)
        return max(-1, min(1, cosine))
    }

    /// The cosine that stands for those of all pairs.
    func mean(_ cosines: [Double]) -> Double {
        let count = Double(cosines.count)
        switch self {
        case .cosine: return cosines.reduce(0, +) / count
        case .angle: return cos(cosines.reduce(0) { $0 + acos($1) } / count)
        }
    }
}

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let modelStock = MergeMethod(
        card: MethodCard(
            "model_stock",
            category: .averages,
            summary: "the mean of models of one task, drawn to the base as far as they disagree",
            equation: "θ = θ₀ + r/K · Σₖ τₖ,  r = K·c / (1 + (K−1)·c),  c: mean cos(τᵢ, τⱼ)",
            source: "Jang et al., 2024, Model Stock, arXiv:2403.19522",
            needs: [.base],
            counts: 2...Int.max,
            options: [
                MergeOption(
                    "filter_wise",
                    .merge,
                    .flags,
                    default: .flag(false),
                    "a ratio r for each row, not for each tensor"
                ),
                MergeOption(
                    "angle_average",
                    .merge,
                    .names(AngleAverage.allCases.map(\.rawValue)),
                    default: .text(AngleAverage.cosine.rawValue),
                    "average the cosines (as mergekit) or the angles (as FusionBench)"
                ),
            ],
            laws: [.orderDoesNotMatter],
            example: """
                merge_method: model_stock
                base_model: models/all-MiniLM-L6-v2
                models:
                  - model: experts/role-seed-1
                  - model: experts/role-seed-2
                """
        ),
        kind: .rule { _, options, _ in
            { parameter in
                let average: AngleAverage = try options.choice("angle_average", parameter.name)
                guard try options.flag("filter_wise", parameter.name) else {
                    let products = try InnerProducts(of: parameter) { try $0.vectors() }
                    let ratio = ratio(average, products.norms, products.count) { products[$0, $1] }
                    let factors = products.norms.map { _ in ratio / Double(products.count) }
                    return { try $0.addingBase(to: $0.vectors().sum(by: factors)) }
                }
                return try parameter.byRows { try byRows($0, average, width: parameter.rowWidth) }
            }
        }
    )

    private static func byRows(
        _ block: MergeBlock,
        _ average: AngleAverage,
        width: Int
    ) throws -> Tensor {
        let vectors = try block.vectors()
        let norms = vectors.map { vector in
            vector.rowDots(vector, width: width).map { $0.squareRoot() }
        }
        let products = vectors.indices.map { i in
            (0..<i).map { vectors[i].rowDots(vectors[$0], width: width) }
        }
        let ratios = norms[0].indices.map { row in
            let norms = norms.map { $0[row] }
            return Float(ratio(average, norms, vectors.count) { products[$0][$1][row] })
        }
        let mean = vectors.sum(by: vectors.map { _ in 1 / Double(vectors.count) })
        return try block.addingBase(to: mean.scalingRows(by: Tensor([ratios.count], ratios)))
    }

    /// `r`, from the inner products of all pairs `i > j`.
    private static func ratio(
        _ average: AngleAverage,
        _ norms: [Double],
        _ count: Int,
        _ product: (Int, Int) -> Double
    ) -> Double {
        let cosines = (1..<count).flatMap { i in
            (0..<i).map { j in average.cosine(product(i, j), norms[i], norms[j]) }
        }
        let (cosine, count) = (average.mean(cosines), Double(count))
        let divisor = 1 + (count - 1) * cosine
        // Vectors that point apart as far as they can have no mean to go along.
        return divisor == 0 ? 0 : count * cosine / divisor
    }
}
