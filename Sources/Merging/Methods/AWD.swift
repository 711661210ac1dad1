package import Tensors

// Xiong, Cheng, Chen, Zhang, Guo, Yuan and Xu, "Multi-task model merging via adaptive weight
// disentanglement", 2024, arXiv:2411.18729. What task vectors have in common is redundant; without it
// they are nearly orthogonal:
//
//     L(δ) = mean over i ≠ j of |cos(τᵢ − δ, τⱼ − δ)| + α·‖δ‖,  θ = θ₀ + λ · Σₖ (τₖ − δ)
//
// The authors have released no code. Here every linear weight has a δ of its own, which Adam leads on
// from the mean of the task vectors.

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
        kind: .rule { pool, options, _ in
            { parameter in
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
        let (rest, products, norms) = disentangled(shared)
        var sum = 0.0
        for i in rest.indices {
            for j in rest.indices where i != j && norms[i] > 0 && norms[j] > 0 {
                sum += abs(products[i][j]) / (norms[i] * norms[j])
            }
        }
        return sum / pairs + alpha * shared.norm
    }

    /// `∇L`; the norm counts as 0 where it has no derivative.
    ///
    /// Of a pair with the cosine c: `−sign c · ((p + q)/(‖p‖·‖q‖) − c·p/‖p‖² − c·q/‖q‖²)`.
    package func gradient(at shared: Tensor) -> Tensor {
        let (rest, products, norms) = disentangled(shared)
        var sum = Tensor.zeros(shared.shape)
        for i in rest.indices where norms[i] > 0 {
            var factor = 0.0
            for j in rest.indices where j != i && norms[j] > 0 {
                let inverse = 1 / (norms[i] * norms[j])
                let cosine = products[i][j] * inverse
                let sign: Double = cosine > 0 ? 1 : cosine < 0 ? -1 : 0
                factor -= 2 * sign * (inverse - cosine / (norms[i] * norms[i]))
            }
            sum.add(rest[i], times: Float(factor / pairs))
        }
        let norm = shared.norm
        if norm > 0 { sum.add(shared, times: Float(alpha / norm)) }
        return sum
    }

    private var pairs: Double { Double(vectors.count * (vectors.count - 1)) }

    /// `τₖ − δ`, their inner products and norms.
    private func disentangled(_ shared: Tensor) -> ([Tensor], [[Double]], [Double]) {
        let rest = vectors.map { $0 - shared }
        var products = rest.map { _ in rest.map { _ in 0.0 } }
        for i in rest.indices {
            for j in 0...i {
                products[i][j] = rest[i].dot(rest[j])
                products[j][i] = products[i][j]
            }
        }
        return (rest, products, rest.indices.map { products[$0][$0].squareRoot() })
    }
}
