package import Tensors

// Wei, Tang, Shen, Hu, Yuan and Cao, "Modeling multi-task model merging as adaptive projective gradient
// descent", 2025, arXiv:2501.01230. A correction D that all tasks share is learned where it does not
// touch their common subspace Π, and the largest entries of each task vector are kept:
//
//     λₖ = η / ‖τₖ‖,  S = Σₖ λₖ·τₖ + (Σₖ λₖ)·D,  L = Σⱼ Σ_rows ⟨τⱼ, τⱼ − S⟩²,  ∇L ← (I − Π)·∇L
//     θ = θ₀ + Σₖ λₖ·maskₖ ⊙ (τₖ + D)

/// What the largest entries are taken of.
private enum MaskSubject: String, CaseIterable {
    /// The task vector (the code).
    case original
    /// The task vector with the correction (the paper's description).
    case corrected
}

/// What `subspace` is.
private enum SubspaceSize: String, CaseIterable { case divisor, count }

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
                MergeOption(
                    "subspace_is",
                    .merge,
                    .names(SubspaceSize.allCases.map(\.rawValue)),
                    default: .text(SubspaceSize.divisor.rawValue),
                    "what divides the rank (the code), or the size itself (FusionBench's pages)"
                ),
                MergeOption(
                    "mask_on",
                    .merge,
                    .names(MaskSubject.allCases.map(\.rawValue)),
                    default: .text(MaskSubject.original.rawValue),
                    "keep the largest entries of τₖ (the code) or of τₖ + D (the description)"
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
            let subject: MaskSubject = try options.choice("mask_on", first.name)
            let corrections = Corrections(options)
            let thresholds = try MagnitudeThresholds.of(
                shares: pool.experts.map { _ in share },
                pieces: share < 1 ? merged.count : 0,
                workers: workers
            ) { index, show in
                let parameter = merged[index]
                if subject == .corrected, !parameter.isUnchanged {
                    let (correction, learned) = try corrections.learned(parameter, last: false)
                    for (k, vector) in correction.vectors.enumerated() {
                        try show(k, vector + learned)
                    }
                    return
                }
                for range in Blocks.of(shape: parameter.shape) {
                    let block = MergeBlock(parameter: parameter, range: range)
                    let vectors = try block.differences(from: block.base())
                    for (k, vector) in vectors.enumerated() { try show(k, vector) }
                }
            }
            return { parameter in
                guard parameter.isInLayer, !parameter.isUnchanged else { return { try $0.base() } }
                let (correction, learned) = try corrections.learned(parameter, last: true)
                return adding(
                    correction.sum(
                        with: learned,
                        thresholds: thresholds,
                        ofSum: subject == .corrected
                    )
                )
            }
        }
    )
}

/// The corrections of the parameters, each learned when it is asked for.
private struct Corrections {
    private let options: MergeOptions
    private let cache = ParameterCache()

    init(_ options: MergeOptions) { self.options = options }

    /// The objective of a parameter and what its descent leads to, kept until it is asked for last.
    func learned(
        _ parameter: ModelPool.Parameter,
        last: Bool
    ) throws -> (SharedCorrection, Tensor) {
        let whole = try WholeParameter(parameter)
        let size: SubspaceSize = try options.choice("subspace_is", parameter.name)
        let number = Int(try options.number("subspace", parameter.name))
        let rank = parameter.shape.min() ?? 0
        let correction = SharedCorrection(
            try (0..<whole.count).map(whole.difference),
            norm: try options.number("lamda", parameter.name),
            common: size == .divisor ? rank / max(number, 1) : number
        )
        let descent = try Descent(options, parameter.name)
        let learned = cache.value(of: parameter.name, last: last) {
            correction.learned(by: descent)
        }
        return (correction, learned)
    }
}

extension ModelPool.Parameter {
    /// Whether it is a matrix of a numbered layer.
    fileprivate var isInLayer: Bool {
        shape.count == 2 && LayerName.isNumbered(name)
    }
}

/// DOGE's objective as a function of the correction D.
package struct SharedCorrection: MatrixObjective {
    let vectors: [Tensor]
    private let factors: [Float]
    /// `⟨τⱼ, τⱼ − Σₖ λₖ·τₖ⟩` of every row of every task.
    private let origins: [Tensor]
    /// The common subspace: orthogonal vectors of the outputs, one in each row.
    private let common: Tensor

    /// The objective of task matrices, each scaled to a norm, whose common subspace has `size`
    /// dimensions.
    package init(_ vectors: [Tensor], norm: Double, common size: Int) {
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
        common = Tensor(SingularVectors(of: stack, leading: size).right)
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

    /// `Σₖ λₖ·maskₖ ⊙ (τₖ + D)` with the entries of each task, or of the task with the correction, that
    /// reach its threshold.
    func sum(with correction: Tensor, thresholds: [Float], ofSum: Bool) -> Tensor {
        var sum = Tensor.zeros(correction.shape)
        for (k, vector) in vectors.enumerated() {
            if ofSum {
                var kept = vector + correction
                kept.trim(below: thresholds[k])
                sum.add(kept, times: factors[k])
                continue
            }
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
