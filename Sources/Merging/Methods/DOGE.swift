package import Tensors

// Wei, Tang, Shen, Hu, Yuan and Cao, "Modeling multi-task model merging as adaptive projective gradient
// descent", 2025, arXiv:2501.01230. A correction D that all tasks share is learned where it does not
// touch their common subspace Π, and the largest entries of each task vector are kept:
//
//     λₖ = η / ‖τₖ‖,  S = Σₖ λₖ·τₖ + (Σₖ λₖ)·D,  L = Σⱼ Σ_rows ⟨τⱼ, τⱼ − S⟩²,  ∇L ← (I − Π)·∇L
//     θ = θ₀ + Σₖ λₖ·maskₖ ⊙ (τₖ + D)

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let doge = MergeMethod(
        card: MethodCard(
            "doge_ta",
            category: .optimised,
            summary: "task arithmetic with a learned correction outside the tasks' common subspace",
            equation: "θ = θ₀ + Σₖ λₖ·maskₖ⊙(τₖ + D), λₖ = η/‖τₖ‖; D: Adam on Σ ⟨τⱼ, τⱼ − S(D)⟩²",
            source:
                "Wei et al., 2025, Adaptive projective gradient descent (DOGE), arXiv:2501.01230",
            needs: [.base],
            options: [
                MergeOption(
                    "subspace",
                    .merge,
                    .counts,
                    default: .number(6),
                    "the rank of a matrix is divided by this for the size of the common subspace"
                ),
                MergeOption(
                    "K",
                    .merge,
                    .percentages,
                    default: .number(30),
                    "the percentage of entries that a task keeps"
                ),
                MergeOption(
                    "lamda",
                    .merge,
                    .amounts,
                    default: .number(0.07),
                    "the norm η that every task vector of a matrix is scaled to"
                ),
            ] + Descent.options(steps: 400, rate: 1e-4),
            laws: [.orderDoesNotMatter],
            example: """
                merge_method: doge_ta
                base_model: models/all-MiniLM-L6-v2
                models:
                  - model: experts/role
                  - model: experts/section
                parameters: {subspace: 6, K: 30, lamda: 0.07}
                """
        ),
        kind: .rule { pool, options, workers in
            let merged = pool.parameters.filter(\.isInLayer)
            guard let first = merged.first else { return { _ in { try $0.base() } } }
            let share = try options.number("K", first.name) / 100
            let thresholds = try MagnitudeThresholds.of(
                shares: pool.experts.map { _ in share },
                pieces: share < 1 ? merged.count : 0,
                workers: workers
            ) { index, show in
                for range in Blocks.of(shape: merged[index].shape) {
                    let block = MergeBlock(parameter: merged[index], range: range)
                    let vectors = try block.differences(from: block.base())
                    for (k, vector) in vectors.enumerated() { try show(k, vector) }
                }
            }
            return { parameter in
                guard parameter.isInLayer, !parameter.isUnchanged else { return { try $0.base() } }
                let whole = try WholeParameter(parameter)
                let correction = SharedCorrection(
                    try (0..<whole.count).map(whole.difference),
                    norm: try options.number("lamda", parameter.name),
                    divisor: Int(try options.number("subspace", parameter.name))
                )
                let descent = try Descent(options, parameter.name)
                let learned = correction.learned(by: descent)
                return adding(correction.sum(with: learned, thresholds: thresholds))
            }
        }
    )
}

extension ModelPool.Parameter {
    /// Whether it is a matrix of a numbered layer.
    fileprivate var isInLayer: Bool {
        shape.count == 2 && LayerName.isNumbered(name)
    }
}

/// DOGE's objective as a function of the correction D.
package struct SharedCorrection: MatrixObjective {
    private let vectors: [Tensor]
    private let factors: [Float]
    /// `⟨τⱼ, τⱼ − Σₖ λₖ·τₖ⟩` of every row of every task.
    private let origins: [Tensor]
    /// The common subspace: orthogonal vectors of the outputs, one in each row.
    private let common: Tensor

    /// The objective of task matrices, each scaled to a norm; the rank divided by `divisor` is the
    /// size of the common subspace.
    package init(_ vectors: [Tensor], norm: Double, divisor: Int) {
        self.vectors = vectors
        // A task vector of nothing cannot be scaled to anything.
        let factors = vectors.map { Float($0.norm > 1e-12 ? norm / $0.norm : 0) }
        self.factors = factors
        let sum = Self.sum(vectors, factors)
        origins = vectors.map { $0.rowDots($0 - sum) }
        let rank = vectors[0].shape.min() ?? 0
        var stack = Matrix(rows: 0, columns: vectors[0].shape[0])
        for vector in vectors {
            let own = SingularVectors(of: Matrix(vector), leading: rank / vectors.count)
            stack.append(own.left)
        }
        common = Tensor(SingularVectors(of: stack, leading: rank / max(divisor, 1)).right)
    }

    private static func sum(_ vectors: [Tensor], _ factors: [Float]) -> Tensor {
        zip(vectors, factors).reduce(into: .zeros(vectors[0].shape)) { $0.add($1.0, times: $1.1) }
    }

    private var total: Float { factors.reduce(0, +) }

    /// `⟨τⱼ, τⱼ − S⟩` of every row.
    private func errors(_ task: Int, at correction: Tensor) -> Tensor {
        origins[task] - vectors[task].rowDots(correction) * total
    }

    /// `L`.
    package func value(at correction: Tensor) -> Double {
        vectors.indices.reduce(0) {
            let errors = errors($1, at: correction)
            return $0 + errors.dot(errors)
        }
    }

    /// `∇L`, with its part in the common subspace.
    package func gradient(at correction: Tensor) -> Tensor {
        vectors.indices.reduce(into: .zeros(correction.shape)) { sum, task in
            let factors = errors(task, at: correction) * (-2 * total)
            sum.addRows(of: vectors[task], times: factors)
        }
    }

    /// What is left of a gradient outside the common subspace.
    package func projected(_ gradient: Tensor) -> Tensor {
        guard common.count > 0 else { return gradient }
        let shared = Tensor.matmul(common, gradient)
        return gradient - .matmul(common, shared, transposingA: true)
    }

    /// The correction that a descent leads to.
    package func learned(
        by descent: Descent,
        watch: (Int, Tensor) -> Void = { _, _ in }
    ) -> Tensor {
        descent.run(from: .zeros(vectors[0].shape), watch: watch) { projected(gradient(at: $0)) }
    }

    /// `Σₖ λₖ·maskₖ ⊙ (τₖ + D)` with the entries of each task that reach its threshold.
    func sum(with correction: Tensor, thresholds: [Float]) -> Tensor {
        var sum = Tensor.zeros(correction.shape)
        for (k, vector) in vectors.enumerated() {
            var (kept, share) = (vector, correction)
            if thresholds[k] > 0 {
                kept.trim(below: thresholds[k])
                share = correction * kept.isNonzero
            }
            sum.add(kept, times: factors[k])
            sum.add(share, times: factors[k])
        }
        return sum
    }
}
