internal import Tensors

// Chen, Hu, Luk, Hospedales and Fan, "FW-Merging: scaling model merging with Frank-Wolfe optimization",
// 2025, arXiv:2503.12649. In every round the model moves towards the one of the candidates, the experts
// and its own start, that lies farthest down the gradient; so it stays within their convex hull:
//
//     v = argmin over candidates of ⟨∇L(θ), v⟩,  θ ← θ + γ·(v − θ),  γ = 2/(t + 2) · step · scale
//
// The authors' code takes cosines in the place of inner products, one for each parameter, and steps
// towards zeros where none is negative. There is no such case here: θ lies between the candidates, so
// that ⟨∇L(θ), v − θ⟩ of one of them is never positive.
//
// The paper's L is a loss on data. Here it is how much the model disturbs the tasks along their own
// task vectors, L = Σₖ ‖(τ − τₖ)·τₖᵀ‖²/‖τₖ‖² (arXiv:2503.08099), which needs none. As every candidate is
// the base and a sum of task vectors, so is θ: after one look at the experts all rounds are arithmetic
// on its coefficients.

/// What chooses a candidate of its own.
private enum Chooser: String, CaseIterable { case task, layer }

/// What is least of the candidate that is chosen.
private enum AlignmentScore: String, CaseIterable {
    /// The cosine of the gradient and the candidate, summed over parameters (the authors' code).
    case cosineSum = "cosine_sum"
    /// Their inner product (the paper).
    case innerProduct = "inner_product"
}

/// Where the model starts.
private enum Start: String, CaseIterable {
    /// Task arithmetic of all experts.
    case merged
    case base
}

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let frankWolfe = MergeMethod(
        card: MethodCard(
            "frank_wolfe",
            category: .optimised,
            summary:
                "steps towards the expert farthest down the gradient of the tasks' interference",
            equation: "θ ← θ + γ·(argmin_v cos(∇L(θ), v) − θ),  L = Σₖ ‖(τ − τₖ)·τₖᵀ‖²/‖τₖ‖²",
            source: "Chen et al., 2025, FW-Merging, arXiv:2503.12649; L after arXiv:2503.08099",
            needs: [.base],
            options: [
                MergeOption(
                    "max_iters",
                    .merge,
                    .steps,
                    default: .number(10),
                    "the number of rounds"
                ),
                MergeOption(
                    "step_size",
                    .merge,
                    .fractions,
                    default: .number(0.1),
                    "a factor of every step; 1 is Frank and Wolfe's own"
                ),
                MergeOption(
                    "scaling_factor",
                    .merge,
                    .fractions,
                    default: .number(0.3),
                    "the factor of the task vectors at the start, and of every step"
                ),
                MergeOption(
                    "granularity",
                    .merge,
                    .names(Chooser.allCases.map(\.rawValue)),
                    default: .text(Chooser.task.rawValue),
                    "one candidate for the model (task) or for each parameter (layer)"
                ),
                MergeOption(
                    "score",
                    .merge,
                    .names(AlignmentScore.allCases.map(\.rawValue)),
                    default: .text(AlignmentScore.cosineSum.rawValue),
                    "what is least of a candidate: its cosines with the gradient, or ⟨∇L(θ), v⟩"
                ),
                MergeOption(
                    "init_weight",
                    .merge,
                    .names(Start.allCases.map(\.rawValue)),
                    default: .text(Start.merged.rawValue),
                    "start from task arithmetic of all experts, or from the base"
                ),
            ],
            laws: [],
            example: """
                merge_method: frank_wolfe
                base_model: models/all-MiniLM-L6-v2
                models:
                  - model: experts/role
                  - model: experts/section
                parameters: {max_iters: 10, granularity: layer}
                """
        ),
        kind: .rule { pool, options, workers in
            guard let first = pool.parameters.first?.name else { throw MergeError.noModels }
            let chooser: Chooser = try options.choice("granularity", first)
            guard chooser == .task else {
                return { parameter in
                    let walk = try ConvexWalk(options, parameter.name, pool.experts.count)
                    let products = try GradientProducts(WholeParameter(parameter))
                    return combination(of: pool, by: walk.coefficients([products]))
                }
            }
            let walk = try ConvexWalk(options, first, pool.experts.count)
            let all = try workers.map(pool.parameters.count) {
                try GradientProducts(WholeParameter(pool.parameters[$0]))
            }
            let coefficients = walk.coefficients(all)
            return { _ in combination(of: pool, by: coefficients) }
        }
    )
}

/// What the objective's gradient at any sum of task vectors and its angle with any model follow from.
///
///     ½·∇L = Σₖ cₖ·Gₖ − D,  Gₖ = Σᵢ τₖ·τᵢᵀτᵢ/‖τᵢ‖²,  D = Σᵢ τᵢ·τᵢᵀτᵢ/‖τᵢ‖²
private struct GradientProducts: Sendable {
    /// Those of G₁ … Gₙ, −D, θ₀ and τ₁ … τₙ.
    private let products: InnerProducts

    /// The products of one parameter, a vector being a matrix of one row.
    init(_ whole: WholeParameter) throws {
        func matrix(_ tensor: Tensor) -> Matrix {
            Matrix(tensor.shape.count < 2 ? tensor.reshaped([1, tensor.count]) : tensor)
        }
        let models =
            try [matrix(whole.base)] + (0..<whole.count).map { matrix(try whole.difference($0)) }
        let vectors = models.dropFirst()
        var parts = models.map { Matrix(rows: $0.rows, columns: $0.columns) }
        for (i, own) in vectors.enumerated() where own.squaredNorm > 0 {
            let weight = 1 / own.squaredNorm
            // Either way the smaller Gram matrix is formed.
            let gram = own.rows > own.columns ? own.gram(ofColumns: true) : nil
            for (k, vector) in vectors.enumerated() {
                let image =
                    gram.map { Matrix.product(vector, $0) }
                    ?? .product(.product(vector, own, transposingB: true), own)
                parts[k].add(image, times: weight)
                if k == i { parts[whole.count].add(image, times: -weight) }
            }
        }
        products = InnerProducts(of: parts + models)
    }

    /// How a model, the base and a sum of task vectors, lies to the gradient at another.
    func alignment(
        of candidate: [Double],
        at point: [Double],
        _ score: AlignmentScore
    ) -> Double {
        let zeros = [Double](repeating: 0, count: point.count + 1)
        let gradient = point + [1] + zeros
        switch score {
        case .cosineSum:
            let model = zeros + [1] + candidate
            let squares = products.dot(gradient, gradient) * products.dot(model, model)
            return squares > 0 ? products.dot(gradient, model) / squares.squareRoot() : 0
        case .innerProduct:
            // That with the base is the same for all candidates.
            return products.dot(gradient, zeros + [0] + candidate)
        }
    }
}

/// Frank and Wolfe's walk over coefficients of task vectors.
private struct ConvexWalk {
    private let rounds: Int
    private let step: Double
    private let score: AlignmentScore
    private let start: [Double]

    init(_ options: MergeOptions, _ parameter: String, _ experts: Int) throws {
        let scale = try options.number("scaling_factor", parameter)
        let from: Start = try options.choice("init_weight", parameter)
        rounds = Int(try options.number("max_iters", parameter))
        step = try options.number("step_size", parameter) * scale
        score = try options.choice("score", parameter)
        start = Array(repeating: from == .base ? 0 : scale, count: experts)
    }

    /// Walks down the sum of the objectives of some parameters.
    func coefficients(_ parameters: [GradientProducts]) -> [Double] {
        var point = start
        // The start comes first: where nothing leads farther down, the model turns back to it.
        let candidates =
            [start] + start.indices.map { k in start.indices.map { $0 == k ? 1 : 0 } }
        for round in 0..<rounds {
            let scores = candidates.map { candidate in
                parameters.reduce(0) { $0 + $1.alignment(of: candidate, at: point, score) }
            }
            guard let best = scores.indices.min(by: { scores[$0] < scores[$1] }) else { break }
            let size = 2 / Double(round + 2) * step
            point = zip(point, candidates[best]).map { $0 + size * ($1 - $0) }
        }
        return point
    }
}
