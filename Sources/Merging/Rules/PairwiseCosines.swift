// AWD's objective (arXiv:2411.18729) wherever its vectors live: it only needs their inner products.

/// The mean of `|cos(pᵢ, pⱼ)|` over all pairs of the vectors `pₖ = τₖ − δ`.
struct PairwiseCosines {
    /// The mean; vectors of nothing are like no other.
    let mean: Double
    /// `∂mean/∂δ = Σᵢ slopeᵢ·pᵢ`.
    ///
    /// Of a pair with the cosine c: `−sign c · ((p + q)/(‖p‖·‖q‖) − c·p/‖p‖² − c·q/‖q‖²)`.
    let slopes: [Double]

    /// The cosines of vectors with these inner products.
    init(_ products: [[Double]]) {
        let norms = products.indices.map { max(0, products[$0][$0]).squareRoot() }
        let pairs = Double(max(1, products.count * (products.count - 1)))
        var (sum, slopes) = (0.0, products.map { _ in 0.0 })
        for i in products.indices where norms[i] > 0 {
            for j in products.indices where j != i && norms[j] > 0 {
                let inverse = 1 / (norms[i] * norms[j])
                let cosine = products[i][j] * inverse
                let sign: Double = cosine > 0 ? 1 : cosine < 0 ? -1 : 0
                sum += abs(cosine)
                slopes[i] -= 2 * sign * (inverse - cosine / (norms[i] * norms[i])) / pairs
            }
        }
        (mean, self.slopes) = (sum / pairs, slopes)
    }
}

/// AWD's objective over the span of the task vectors: δ is a sum of these, given by its factors.
struct SpannedRedundancy {
    private let products: InnerProducts
    private let alpha: Double

    /// The objective of vectors with these inner products.
    init(_ products: InnerProducts, alpha: Double) {
        (self.products, self.alpha) = (products, alpha)
    }

    /// `L`.
    func value(at shared: [Double]) -> Double {
        cosines(rest(shared)).mean + alpha * products.norm(shared)
    }

    /// The factors of `∇L`, which lies in the span, too.
    func gradient(at shared: [Double]) -> [Double] {
        let rest = rest(shared)
        let norm = products.norm(shared)
        var gradient = shared.map { norm > 0 ? alpha / norm * $0 : 0 }
        for (vector, slope) in zip(rest, cosines(rest).slopes) {
            for k in gradient.indices { gradient[k] += slope * vector[k] }
        }
        return gradient
    }

    /// The factors of `τₖ − δ`.
    private func rest(_ shared: [Double]) -> [[Double]] {
        shared.indices.map { i in shared.indices.map { ($0 == i ? 1 : 0) - shared[$0] } }
    }

    private func cosines(_ rest: [[Double]]) -> PairwiseCosines {
        PairwiseCosines(rest.map { a in rest.map { products.dot(a, $0) } })
    }
}
