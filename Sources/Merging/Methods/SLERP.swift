internal import Foundation
internal import Tensors

// Shoemake, "Animating rotation with quaternion curves", SIGGRAPH 1985; for models, mergekit
// (github.com/arcee-ai/mergekit). Each tensor of base_model is turned towards that of the other model,
// by the angle Ω between the two as long vectors:
//
//     θ = (sin((1−t)·Ω)·θ₀ + sin(t·Ω)·θ₁) / sin Ω,   Ω = arccos ⟨θ₀, θ₁⟩ / (‖θ₀‖·‖θ₁‖)

/// What becomes of a tensor that is zero in one model, and so has no direction.
private enum ZeroNorm: String, CaseIterable {
    /// Its angle counts as a right one (mergekit, FusionBench).
    case perpendicular
    /// The straight line is taken.
    case linear
}

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let slerp = MergeMethod(
        card: MethodCard(
            "slerp",
            category: .averages,
            summary: "base_model turned towards one other model, tensor by tensor",
            equation:
                "θ = (sin((1−t)·Ω)·θ₀ + sin(t·Ω)·θ₁) / sin Ω,  Ω: the angle between θ₀ and θ₁",
            source: "Shoemake, 1985, Animating rotation with quaternion curves, SIGGRAPH; "
                + "Goddard et al., 2024, Arcee's MergeKit, arXiv:2403.13257",
            needs: [.base],
            counts: 1...1,
            options: [
                MergeOption(
                    "t",
                    .merge,
                    .numbers,
                    default: nil,
                    "how far to turn: 0 is base_model, 1 is the other model"
                ),
                MergeOption(
                    "zero_norm",
                    .merge,
                    .names(ZeroNorm.allCases.map(\.rawValue)),
                    default: .text(ZeroNorm.perpendicular.rawValue),
                    "where a tensor is zero: perpendicular (as mergekit) or linear"
                ),
            ],
            laws: [],
            example: """
                merge_method: slerp
                base_model: experts/role
                models:
                  - model: experts/role
                  - model: experts/section
                parameters: {t: 0.5}
                """
        ),
        kind: .rule { _, options, _ in
            { parameter in
                let t = try options.number("t", parameter.name)
                let zero: ZeroNorm = try options.choice("zero_norm", parameter.name)
                let products = try InnerProducts(of: parameter) { try $0.baseAndModels() }
                let norms = products.norms
                let cosine = norms.reduce(products[0, 1]) { $1 > 1e-8 ? $0 / $1 : $0 }
                let isStraight =
                    abs(cosine) > 0.9995
                    || zero == .linear && norms.contains { $0 <= 1e-8 }
                let factors = isStraight ? [1 - t, t] : Arc(cosine: cosine).factors(at: t)
                return { try $0.baseAndModels().sum(by: factors) }
            }
        }
    )
}

/// The way from one direction to another, at constant speed.
struct Arc {
    private let angle: Double

    /// The arc between vectors of an angle.
    init(cosine: Double) { angle = acos(max(-1, min(1, cosine))) }

    /// The factors of the two vectors at a part of the way.
    ///
    /// Where the vectors lie on one line, no plane is theirs, and the line is the way. Below a sine
    /// of 1e-7 the angle of two float32 vectors is rounding.
    func factors(at t: Double) -> [Double] {
        let sine = sin(angle)
        guard sine > 1e-7 else { return [1 - t, t] }
        return [sin((1 - t) * angle) / sine, sin(t * angle) / sine]
    }
}
