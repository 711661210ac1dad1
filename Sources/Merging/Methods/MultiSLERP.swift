internal import Tensors

// mergekit (github.com/arcee-ai/mergekit), multislerp: the weighted mean of the models' directions,
// taken to the sphere, times the weighted mean of their lengths; of task vectors where there is a base:
//
//     x = (Σₖ wₖ·‖xₖ‖) · m / ‖m‖,   m = Σₖ wₖ·xₖ / ‖xₖ‖,   x = θ or τ
//
// There it is a step on the sphere from m / ‖m‖ along the mean of the vectors' parts that are
// perpendicular to it. As m is the sum of those very vectors, nothing of them is: the step is zero.

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let multislerp = MergeMethod(
        card: MethodCard(
            "multislerp",
            category: .averages,
            summary: "the mean direction of the models times their mean length, tensor by tensor",
            equation: "x = (Σₖ wₖ·‖xₖ‖) · m / ‖m‖,  m = Σₖ wₖ·xₖ / ‖xₖ‖,  x: θ, or τ with a base",
            source: "Goddard et al., 2024, Arcee's MergeKit (multislerp), arXiv:2403.13257",
            needs: [.optionalBase],
            options: [
                .weight("the share wₖ of a model"),
                MergeOption(
                    "normalize_weights",
                    .merge,
                    .flags,
                    default: .flag(true),
                    "divide the weights by their sum"
                ),
                MergeOption(
                    "eps",
                    .merge,
                    .fractions,
                    default: .number(1e-8),
                    "added to lengths, and the least that ‖m‖ may be"
                ),
            ],
            laws: [.copiesMergeToThemselves, .orderDoesNotMatter],
            example: """
                merge_method: multislerp
                models:
                  - model: experts/role
                    parameters: {weight: 0.5}
                  - model: experts/section
                    parameters: {weight: 0.3}
                  - model: experts/field
                    parameters: {weight: 0.2}
                """
        ),
        kind: .rule { _, options, _ in
            { parameter in
                var weights = try options.numbers("weight", parameter)
                if try options.flag("normalize_weights", parameter.name) {
                    weights = try normalized(
                        weights,
                        method: "multislerp",
                        flag: "normalize_weights",
                        parameter
                    )
                }
                let products = try InnerProducts(of: parameter) { try $0.vectors() }
                let factors = try meanOnSphere(
                    products,
                    weights,
                    epsilon: options.number("eps", parameter.name),
                    parameter
                )
                return { try $0.addingBase(to: $0.vectors().sum(by: factors)) }
            }
        }
    )
    /// The factors of the vectors in `x`.
    private static func meanOnSphere(
        _ products: InnerProducts,
        _ weights: [Double],
        epsilon: Double,
        _ parameter: ModelPool.Parameter
    ) throws -> [Double] {
        let norms = products.norms
        let mean = zip(weights, norms).map { $1 > 0 ? $0 / ($1 + epsilon) : 0 }
        let length = products.norm(mean)
        guard length <= max(epsilon, .leastNormalMagnitude) else {
            let size = zip(weights, norms).reduce(0) { $0 + $1.0 * $1.1 }
            return mean.map { $0 * size / length }
        }
        // Two opposite vectors have a straight line between them, and zeros have nothing else.
        guard norms.count == 2 || norms.allSatisfy({ $0 == 0 }) else {
            throw MergeError.option(
                method: "multislerp",
                name: "the weighted mean of the directions",
                found: String(length),
                expected: "longer than eps (\(parameter.name))"
            )
        }
        return weights
    }
}
