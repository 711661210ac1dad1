package import Tensors

// Yang, Tang, Shen, Guo, Wang, Cao and Zhang, "Continual model merging without data: dual projections
// for balancing stability and plasticity", NeurIPS 2025, openreview.net/forum?id=zD5cUX67b9. Experts
// come one by one; a weight should stay where the merge so far is used, and reach where the new expert
// is used, both told by the singular vectors of their changes:
//
//     L_c(W) = ‖Σ_c·U_cᵀ·(W − W_c)‖² + ‖(W − W_c)·V_c·Σ_c‖²,  c: merge so far, new expert
//     W: Adam on a·L_m + (1 − a)·L_t from (W_m + W_t)/2

/// Which singular vectors count.
package enum ProjectionSpace: String, CaseIterable, Sendable { case u, v, uv }

/// What becomes of parameters that are no linear weights.
private enum VectorRule: String, CaseIterable {
    /// The mean of the merge so far and the new expert, again and again.
    case pairwise
    /// The mean of all experts.
    case runningMean = "running_mean"
}

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let dop = MergeMethod(
        card: MethodCard(
            "dop",
            category: .optimised,
            summary: "experts one after the other, held between the merge so far and the new one",
            equation:
                "W: Adam on a·L_m + (1−a)·L_t,  L_c = ‖Σ_c·U_cᵀ·(W − W_c)‖² + ‖(W − W_c)·V_c·Σ_c‖²",
            source:
                "Yang et al., 2025, Dual orthogonal projections (DOP), openreview.net zD5cUX67b9",
            needs: [.base],
            options: options,
            laws: [],
            example: """
                merge_method: dop
                base_model: models/all-MiniLM-L6-v2
                models:
                  - model: experts/role
                  - model: experts/section
                parameters: {num_steps: 200, lr: 1e-4, shuffle_order: false}
                """
        ),
        kind: .ofMatrices { pool, options, _ in
            let order = try options.order(of: pool)
            return { parameter in
                guard parameter.isLinear, !parameter.isUnchanged else {
                    let rule: VectorRule = try options.choice("vector_rule", parameter.name)
                    return combination(of: pool, by: shares(of: order, rule))
                }
                let whole = try WholeParameter(parameter)
                let descent = try Descent(options, parameter.name)
                let settings = DualProjections.Settings(
                    alpha: try options.number("alpha", parameter.name),
                    balances: try options.flag("mgda", parameter.name),
                    smooths: try options.flag("ema", parameter.name),
                    smoothing: try options.number("ema_beta", parameter.name),
                    epsilon: try options.number("svd_epsilon", parameter.name),
                    space: try options.choice("svd_proj_space", parameter.name),
                    power: try options.number("weight_power", parameter.name)
                )
                let merged = try order.dropFirst().reduce(try whole.difference(order[0])) {
                    DualProjections(merged: $0, new: try whole.difference($1), settings)
                        .merged(by: descent)
                }
                return adding(merged)
            }
        }
    )

    /// How much each expert counts in what is averaged.
    private static func shares(of order: [Int], _ rule: VectorRule) -> [Double] {
        var shares = order.map { _ in 0.0 }
        for (number, expert) in order.enumerated() {
            let share = number == 0 ? 1 : rule == .pairwise ? 0.5 : 1 / Double(number + 1)
            shares = shares.map { $0 * (1 - share) }
            shares[expert] = share
        }
        return shares
    }

    private static let options =
        Descent.options(steps: 200, rate: 1e-4) + [
            MergeOption(
                "mgda",
                .merge,
                .flags,
                default: .flag(true),
                "whether each step weighs the two losses so that neither gradient wins"
            ),
            MergeOption(
                "ema",
                .merge,
                .flags,
                default: .flag(true),
                "whether these weights are smoothed from step to step"
            ),
            MergeOption(
                "ema_beta",
                .merge,
                .fractions,
                default: .number(0.999),
                "how much of the weight of the step before stays"
            ),
            MergeOption(
                "alpha",
                .merge,
                .fractions,
                default: .number(0.8),
                "the weight of the merge so far: the first one, or the only one without mgda"
            ),
            MergeOption(
                "svd_epsilon",
                .merge,
                .fractions,
                default: .number(0.99999),
                "singular values count while their sum is below this share of all"
            ),
            MergeOption(
                "svd_proj_space",
                .merge,
                .names(ProjectionSpace.allCases.map(\.rawValue)),
                default: .text(ProjectionSpace.uv.rawValue),
                "whether outputs (u), inputs (v) or both are held"
            ),
            MergeOption(
                "weight_power",
                .merge,
                .amounts,
                default: .number(1),
                "1: directions count by their singular values; 0.5: by the roots of these"
            ),
            MergeOption(
                "vector_rule",
                .merge,
                .names(VectorRule.allCases.map(\.rawValue)),
                default: .text(VectorRule.pairwise.rawValue),
                "what is no linear weight: averaged pair by pair, or the mean of all"
            ),
            shuffleOrder,
            AttentionLayout.option,
        ]
}

/// One linear weight between the merge so far and a new expert.
package struct DualProjections: Sendable {
    /// What a recipe says.
    package struct Settings: Sendable {
        var alpha: Double
        /// Whether the weights of the losses follow their gradients.
        var balances: Bool
        var smooths: Bool
        var smoothing: Double
        var epsilon: Double
        var space: ProjectionSpace
        var power: Double

        /// Settings.
        package init(
            alpha: Double,
            balances: Bool,
            smooths: Bool,
            smoothing: Double,
            epsilon: Double,
            space: ProjectionSpace,
            power: Double
        ) {
            (self.alpha, self.balances, self.smooths) = (alpha, balances, smooths)
            (self.smoothing, self.epsilon) = (smoothing, epsilon)
            (self.space, self.power) = (space, power)
        }
    }

    /// The losses of the merge so far and of the new expert, of a move from the middle of both.
    package let stability, plasticity: ProjectedDistance
    private let middle: Tensor
    private let settings: Settings

    /// Both as changes of the base.
    package init(merged: Tensor, new: Tensor, _ settings: Settings) {
        self.settings = settings
        middle = (merged + new) * 0.5
        let half = (new - merged) * 0.5
        stability = ProjectedDistance(of: merged, from: half, settings)
        plasticity = ProjectedDistance(of: new, from: half * -1, settings)
    }

    /// The merged change; `watch` sees each step with the weights of both losses.
    package func merged(
        by descent: Descent,
        watch: (Int, Tensor) -> Void = { _, _ in }
    ) -> Tensor {
        var weight = settings.alpha
        let move = descent.run(from: .zeros(middle.shape), watch: watch) { point in
            let gradients = [stability, plasticity].map { $0.gradient(at: point) }
            if settings.balances {
                let balance = balance(gradients, at: point)
                weight =
                    settings.smooths
                    ? settings.smoothing * weight + (1 - settings.smoothing) * balance : balance
            }
            var sum = gradients[0] * Float(weight)
            sum.add(gradients[1], times: Float(1 - weight))
            return sum
        }
        return middle + move
    }

    /// The weight of the first of two gradients, each divided by its loss, whose weighted mean is as
    /// short as can be.
    private func balance(_ gradients: [Tensor], at point: Tensor) -> Double {
        let (m, t) = (gradients[0], gradients[1])
        let (a, b) = (stability.value(at: point), plasticity.value(at: point))
        // A loss of 0 is at its minimum and has no say.
        let (p, q) = (a > 0 ? 1 / a : 0, b > 0 ? 1 / b : 0)
        let (mm, mt, tt) = (m.dot(m) * p * p, m.dot(t) * p * q, t.dot(t) * q * q)
        if mt >= mm { return 0.999 }
        if mt >= tt { return 0.001 }
        return (tt - mt) / (mm + tt - 2 * mt)
    }
}

/// `‖Σ·Uᵀ·E‖² + ‖E·V·Σ‖²` of the distance E of a weight from another.
package struct ProjectedDistance: MatrixObjective {
    /// The distance at no move.
    private let origin: Tensor
    /// `U·Σ²·Uᵀ` and `V·Σ²·Vᵀ`, where they count.
    private let outputs, inputs: Tensor?

    fileprivate init(of change: Tensor, from origin: Tensor, _ settings: DualProjections.Settings) {
        self.origin = origin
        let singular = SingularVectors(of: Matrix(change))
        let total = singular.values.reduce(0, +)
        var sum = 0.0
        let kept = singular.values.prefix { value in
            sum += value
            return sum / total < settings.epsilon
        }
        // The squares of the weights; a product with itself takes their roots.
        let weights = kept.map { settings.power == 1 ? $0 : $0.squareRoot() }
        func projection(_ vectors: Matrix) -> Tensor {
            Tensor(vectors.prefix(kept.count).scalingRows(by: weights).gram(ofColumns: true))
        }
        outputs = settings.space == .v ? nil : projection(singular.left)
        inputs = settings.space == .u ? nil : projection(singular.right)
    }

    /// The loss, for a move from where the distance is known.
    package func value(at move: Tensor) -> Double {
        let distance = origin + move
        return distance.dot(weighted(distance))
    }

    /// Its gradient.
    package func gradient(at move: Tensor) -> Tensor { weighted(origin + move) * 2 }

    private func weighted(_ distance: Tensor) -> Tensor {
        var sum = outputs.map { Tensor.matmul($0, distance) } ?? .zeros(distance.shape)
        if let inputs { sum.add(.matmul(distance, inputs)) }
        return sum
    }
}
