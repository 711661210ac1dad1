package import Tensors

// Xiong, Cheng, Chen, Zhang, Guo, Yuan and Xu, "Multi-task model merging via adaptive weight
// disentanglement", 2024, arXiv:2411.18729. What task vectors have in common is redundant; without it
// they are nearly orthogonal:
//
//     L(δ) = mean over i ≠ j of |cos(τᵢ − δ, τⱼ − δ)| + α·‖δ‖,  θ = θ₀ + λ · Σₖ (τₖ − δ)
//
// The authors have released no code. With `scope: tensor` every linear weight has a δ of its own, which
// Adam leads on from the mean of the task vectors; with `scope: model` the model is one vector, and δ
// descends from 0 along the gradient itself, as in the paper's algorithm.

/// What has a δ of its own.
private enum RedundancyScope: String, CaseIterable { case tensor, model }

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let awd = MergeMethod(
        card: MethodCard(
            "awd",
            category: .optimised,
            summary: "task arithmetic without what makes task vectors alike",
            equation: "θ = θ₀ + λ·Σₖ (τₖ − δ),  δ: Adam on mean |cos(τᵢ − δ, τⱼ − δ)| + α·‖δ‖",
            source: "Xiong et al., 2024, Adaptive weight disentanglement, arXiv:2411.18729",
            needs: [.base],
            options: Descent.options(steps: 300, rate: 1e-4) + [
                MergeOption(
                    "alpha",
                    .merge,
                    .amounts,
                    default: .number(0.1),
                    "how much the norm of what is taken away counts"
                ),
                MergeOption(
                    "scaling_factor",
                    .merge,
                    .numbers,
                    default: .number(0.3),
                    "the factor λ of the sum"
                ),
                MergeOption(
                    "scope",
                    .merge,
                    .names(RedundancyScope.allCases.map(\.rawValue)),
                    default: .text(RedundancyScope.tensor.rawValue),
                    "a δ for each linear weight, by Adam; or one for the model, by plain descent"
                ),
            ],
            laws: [.orderDoesNotMatter],
            example: """
                merge_method: awd
                base_model: models/all-MiniLM-L6-v2
                models:
                  - model: experts/role
                  - model: experts/section
                parameters: {num_steps: 300, lr: 1e-4, scaling_factor: 0.3}
                """
        ),
        kind: .rule { pool, options, workers in
            guard let first = pool.parameters.first?.name else { throw MergeError.noModels }
            let scope: RedundancyScope = try options.choice("scope", first)
            if scope == .model {
                let coefficients = try disentangled(pool, options, workers)
                return { parameter in
                    let factor = try options.number("scaling_factor", parameter.name)
                    return combination(of: pool, by: coefficients.map { $0 * factor })
                }
            }
            return { parameter in
                let factor = try options.number("scaling_factor", parameter.name)
                // One task vector is like no other.
                guard parameter.isLinear, !parameter.isUnchanged, parameter.experts.count > 1
                else { return combination(of: pool, by: parameter.experts.map { _ in factor }) }
                let whole = try WholeParameter(parameter)
                let vectors = try (0..<whole.count).map(whole.difference)
                let redundancy = Redundancy(
                    vectors,
                    alpha: try options.number("alpha", parameter.name)
                )
                let shared = try Descent(options, parameter.name)
                    .run(from: redundancy.start, gradient: redundancy.gradient)
                var sum = vectors.dropFirst().reduce(into: vectors[0]) { $0.add($1) }
                sum.add(shared, times: -Float(vectors.count))
                return adding(sum * Float(factor))
            }
        }
    )

    /// The coefficients of `Σₖ (τₖ − δ)` with one δ for the model.
    ///
    /// A descent from 0 along gradients never leaves the span of the task vectors: it is arithmetic on
    /// their inner products.
    private static func disentangled(
        _ pool: ModelPool,
        _ options: MergeOptions,
        _ workers: Workers
    ) throws -> [Double] {
        guard let first = pool.parameters.first?.name else { throw MergeError.noModels }
        let count = pool.experts.count
        guard count > 1 else { return [1] }
        let all = try workers.map(pool.parameters.count) {
            try InnerProducts(of: pool.parameters[$0]) { try $0.vectors() }
        }
        let spanned = SpannedRedundancy(
            all.dropFirst().reduce(into: all[0]) { $0.add($1) },
            alpha: try options.number("alpha", first)
        )
        let descent = try Descent(options, first)
        var shared = Array(repeating: 0.0, count: count)
        for _ in 0..<descent.steps {
            let gradient = spanned.gradient(at: shared)
            for k in 0..<count { shared[k] -= descent.rate * gradient[k] }
        }
        return shared.map { 1 - Double(count) * $0 }
    }
}

/// AWD's objective as a function of the redundant vector δ.
package struct Redundancy: MatrixObjective {
    private let vectors: [Tensor]
    private let alpha: Double
    /// The mean of the task vectors.
    package let start: Tensor

    /// The objective of at least two task matrices.
    package init(_ vectors: [Tensor], alpha: Double) {
        (self.vectors, self.alpha) = (vectors, alpha)
        let sum = vectors.dropFirst().reduce(into: vectors[0]) { $0.add($1) }
        start = sum * (1 / Float(vectors.count))
    }

    /// `L`.
    package func value(at shared: Tensor) -> Double {
        PairwiseCosines(disentangled(shared).products).mean + alpha * shared.norm
    }

    /// `∇L`; the norm counts as 0 where it has no derivative.
    package func gradient(at shared: Tensor) -> Tensor {
        let (rest, products) = disentangled(shared)
        var sum = Tensor.zeros(shared.shape)
        for (vector, slope) in zip(rest, PairwiseCosines(products).slopes) {
            sum.add(vector, times: Float(slope))
        }
        let norm = shared.norm
        if norm > 0 { sum.add(shared, times: Float(alpha / norm)) }
        return sum
    }

    /// `τₖ − δ`, and their inner products.
    private func disentangled(
        _ shared: Tensor
    ) -> (vectors: [Tensor], products: [[Double]]) {
        let rest = vectors.map { $0 - shared }
        var products = rest.map { _ in rest.map { _ in 0.0 } }
        for i in rest.indices {
            for j in 0...i {
                products[i][j] = rest[i].dot(rest[j])
                products[j][i] = products[i][j]
            }
        }
        return (rest, products)
    }
}
