internal import Tensors

// Chen, Hu, Luk, Hospedales and Fan, "FW-Merging: scaling model merging with Frank-Wolfe optimization",
// 2025, arXiv:2503.12649. In every round the model moves towards the one of the candidates, the experts
// and its own start, that lies farthest down the gradient; so it stays within their convex hull:
//
//     v = argmin over candidates of ⟨∇L(θ), v⟩,  θ ← θ + γ·(v − θ),  γ = 2/(t + 2) · step · scale
//
// The paper's L is a loss on data. Here it is how much the model disturbs the tasks along their own
// task vectors, L = Σₖ ‖(τ − τₖ)·τₖᵀ‖²/‖τₖ‖² (arXiv:2503.08099), which needs none. As every candidate is
// a sum of task vectors, so is θ: after one look at the experts all rounds are arithmetic on its
// coefficients.

/// What chooses a candidate of its own.
private enum Chooser: String, CaseIterable { case task, layer }

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
            equation: "θ ← θ + γ·(argmin_v ⟨∇L(θ), v⟩ − θ),  L = Σₖ ‖(τ − τₖ)·τₖᵀ‖²/‖τₖ‖²",
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
                    return combination(
                        of: pool,
                        by: walk.coefficients(try TaskProducts(parameter))
                    )
                }
            }
            let walk = try ConvexWalk(options, first, pool.experts.count)
            let all = try workers.map(pool.parameters.count) {
                try TaskProducts(pool.parameters[$0])
            }
            let sum = all.dropFirst().reduce(into: all[0]) { $0.add($1) }
            let coefficients = walk.coefficients(sum)
            return { _ in combination(of: pool, by: coefficients) }
        }
    )
}

/// `⟨τₖ·τᵢᵀ, τ_c·τᵢᵀ⟩/‖τᵢ‖²` of all task vectors: what the objective and its gradient are made of for
/// any sum of these.
struct TaskProducts: Sendable {
    private let count: Int
    /// By i, k and c.
    private var products: [Double]

    /// The products of one parameter, a vector being a matrix of one row.
    init(_ parameter: ModelPool.Parameter) throws {
        let whole = try WholeParameter(parameter)
        try self.init((0..<whole.count).map(whole.difference))
    }

    init(_ vectors: [Tensor]) {
        count = vectors.count
        products = Array(repeating: 0, count: count * count * count)
        let changes = vectors.map {
            Matrix($0.shape.count < 2 ? $0.reshaped([1, $0.count]) : $0)
        }
        for i in 0..<count where changes[i].squaredNorm > 0 {
            let weight = 1 / changes[i].squaredNorm
            // Either the products with τᵢ, or those with its Gram matrix, whichever are smaller.
            let isWide = changes[i].rows <= changes[i].columns
            let factor = isWide ? changes[i] : changes[i].gram(ofColumns: true)
            let images = changes.map { Matrix.product($0, factor, transposingB: isWide) }
            for k in 0..<count {
                for c in 0..<count {
                    let other = isWide ? images[c] : changes[c]
                    products[(i * count + k) * count + c] = weight * images[k].dot(other)
                }
            }
        }
    }

    mutating func add(_ other: TaskProducts) {
        for i in products.indices { products[i] += other.products[i] }
    }

    /// `L` of `Σₖ cₖ·τₖ`.
    func value(at coefficients: [Double]) -> Double {
        (0..<count).reduce(0) { sum, i in
            let rest = rest(i, coefficients)
            return sum
                + (0..<count).reduce(0) { $0 + rest[$1] * slope(i, rest, $1) }
        }
    }

    /// `⟨∇L, τ_c⟩` of every task vector.
    func gradient(at coefficients: [Double]) -> [Double] {
        let rests = (0..<count).map { rest($0, coefficients) }
        return (0..<count).map { c in
            (0..<count).reduce(0) { $0 + 2 * slope($1, rests[$1], c) }
        }
    }

    /// The coefficients of `τ − τᵢ`.
    private func rest(_ i: Int, _ coefficients: [Double]) -> [Double] {
        var rest = coefficients
        rest[i] -= 1
        return rest
    }

    private func slope(_ i: Int, _ rest: [Double], _ c: Int) -> Double {
        (0..<count).reduce(0) { $0 + rest[$1] * products[(i * count + $1) * count + c] }
    }
}

/// Frank and Wolfe's walk over coefficients of task vectors.
private struct ConvexWalk {
    private let rounds: Int
    private let step: Double
    private let start: [Double]

    init(_ options: MergeOptions, _ parameter: String, _ experts: Int) throws {
        let scale = try options.number("scaling_factor", parameter)
        let from: Start = try options.choice("init_weight", parameter)
        rounds = Int(try options.number("max_iters", parameter))
        step = try options.number("step_size", parameter) * scale
        start = Array(repeating: from == .base ? 0 : scale, count: experts)
    }

    func coefficients(_ objective: TaskProducts) -> [Double] {
        var point = start
        // The start comes first: where nothing leads farther down, the model turns back to it.
        let candidates =
            [start] + start.indices.map { k in start.indices.map { $0 == k ? 1 : 0 } }
        for round in 0..<rounds {
            let gradient = objective.gradient(at: point)
            let slopes = candidates.map { zip($0, gradient).reduce(0) { $0 + $1.0 * $1.1 } }
            guard let best = slopes.indices.min(by: { slopes[$0] < slopes[$1] }) else { break }
            let size = 2 / Double(round + 2) * step
            point = zip(point, candidates[best]).map { $0 + size * ($1 - $0) }
        }
        return point
    }
}
