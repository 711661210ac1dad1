public import Tensors

/// Coefficients in closed form, from the Gram matrices of the experts' inputs.
///
/// With `W(λ) = W₀ + Σⱼ λⱼ·Tⱼ`, those that minimise the squared error of every linear map's outputs
/// on every expert's own inputs, `Σₖ ‖(W(λ) − Wₖ)·Xₖᵀ‖²`: for each group of parameters a system of as
/// many equations as there are experts, `A·λ = b` with `Aᵢⱼ = Σₖ tr(Tᵢ·Gₖ·Tⱼᵀ)`, `bᵢ = Σₖ tr(Tᵢ·Gₖ·τₖᵀ)`,
/// where the `Tⱼ` are the task vectors, or what a method prepared of them, and `τₖ = Wₖ − W₀` (the objective of RegMean, arXiv:2212.09849, over coefficients). The Gram matrices are divided by
/// their rows, and every map by the error that it has at λ = 0, so that all count the same.
public enum GramCoefficients {
    /// The coefficients of every group.
    ///
    /// A group without linear maps takes those of the layer it is in, or else of the whole model.
    public static func of(
        _ vectors: any TaskVectors,
        _ statistics: [ModelStatistics],
        _ granularity: Granularity,
        workers: Workers
    ) throws -> Coefficients {
        let pool = vectors.pool
        let parameters = pool.parameters
        let systems = try workers.map(parameters.count) {
            try System(parameters[$0], vectors, statistics)
        }
        let known = zip(parameters, systems).reduce(into: [String: System]()) {
            $0[$1.0.name] = $1.1
        }
        let names = parameters.map(\.name)
        func solution(_ names: [String]) -> [Float]? {
            let parts = names.compactMap { known[$0] }.filter { !$0.isEmpty }
            return parts.isEmpty ? nil : System(summing: parts).solution
        }
        let layers = Granularity.layer.groups(of: names)
        let fallback = solution(names) ?? pool.experts.map { _ in 0 }
        var coefficients = Coefficients(
            granularity,
            models: pool.experts,
            parameters: names,
            initial: 0
        )
        coefficients.lambda = coefficients.groups.map { group in
            let layer = layers.first { $0.parameters.contains(group.parameters[0]) }
            return solution(group.parameters) ?? layer.flatMap { solution($0.parameters) }
                ?? fallback
        }
        return coefficients
    }
}

/// The equations of some parameters.
private struct System: Sendable {
    /// `Aᵢⱼ`, row by row.
    private var left: [Double]
    private var right: [Double]

    /// Whether nothing is known: no linear map, or one that no expert changes.
    var isEmpty: Bool { right.allSatisfy { $0 == 0 } }

    init(
        _ parameter: ModelPool.Parameter,
        _ prepared: any TaskVectors,
        _ statistics: [ModelStatistics]
    ) throws {
        let count = parameter.experts.count
        left = Array(repeating: 0, count: count * count)
        right = Array(repeating: 0, count: count)
        guard parameter.shape.count == 2, !parameter.isUnchanged else { return }
        let grams = try statistics.compactMap { try $0.gram(of: parameter) }
        guard grams.count == count else { return }
        let whole = MergeBlock(parameter: parameter, range: 0..<parameter.count)
        let base = try whole.base()
        let own = try whole.differences(from: base).map { $0.reshaped(parameter.shape) }
        let vectors = try prepared.differences(of: parameter, in: whole.range, base: base).map {
            $0.reshaped(parameter.shape)
        }
        // What is left of the outputs' differences where nothing is merged.
        var error = 0.0
        for (k, (triangle, rows)) in grams.enumerated() {
            let gram = triangle.symmetric(width: parameter.shape[1])
            let rows = Float(max(rows, 1))
            error += Tensor.matmul(own[k], gram).dot(own[k]) / Double(rows)
            for i in 0..<count {
                let product = Tensor.matmul(vectors[i], gram) * (1 / rows)
                for j in i..<count { left[i * count + j] += product.dot(vectors[j]) }
                right[i] += product.dot(own[k])
            }
        }
        for i in 0..<count { for j in 0..<i { left[i * count + j] = left[j * count + i] } }
        guard error > 0 else { return }
        for i in left.indices { left[i] /= error }
        for i in right.indices { right[i] /= error }
    }

    init(summing parts: [System]) {
        self = parts[0]
        for part in parts.dropFirst() {
            for i in left.indices { left[i] += part.left[i] }
            for i in right.indices { right[i] += part.right[i] }
        }
    }

    /// `λ`, one for each expert.
    var solution: [Float] {
        NormalEquations(left: left, right: right).solved(ridge: 1e-6).weight.elements
    }
}
