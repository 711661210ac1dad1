package import Tensors

// Cheng, Xiong, Wei, Zhu and Yuan, "Whoever started the interference should end it: guiding data-free
// model merging via task vectors", 2025, arXiv:2503.08099. Task vectors span the inputs of their task,
// so the merged change should differ from each in directions that its own task does not use:
//
//     L(τ) = Σₖ ‖(τ − τₖ)·τₖᵀ‖² / ‖τₖ‖²,  by Adam from τ = Σₖ τₖ
//
// ∇L = 2·(τ·H − C) with H = Σₖ Gₖ/‖τₖ‖², C = Σₖ τₖ·Gₖ/‖τₖ‖² and Gₖ = τₖᵀτₖ: a step costs one product,
// however many tasks there are.

/// What becomes of what is no matrix.
private enum VectorRule: String, CaseIterable {
    /// The mean of the task vectors.
    case mean
    /// What the base has, as in the authors' code for images.
    case base
}

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let wudi = MergeMethod(
        card: MethodCard(
            "wudi",
            category: .optimised,
            summary: "a change that descends to where it disturbs no task along its task vector",
            equation: "θ = θ₀ + τ,  τ: Adam on Σₖ ‖(τ − τₖ)·τₖᵀ‖²/‖τₖ‖² from Σₖ τₖ",
            source: "Cheng et al., 2025, WUDI-Merging, arXiv:2503.08099",
            needs: [.base],
            options: Descent.options(steps: 300, named: "iter_num", rate: 1e-5) + [
                MergeOption(
                    "vector_rule",
                    .merge,
                    .names(VectorRule.allCases.map(\.rawValue)),
                    default: .text(VectorRule.mean.rawValue),
                    "what is no matrix: the mean of the task vectors, or as the base has it"
                ),
                excludeKeys, MatrixFilter.option, AttentionLayout.option,
            ],
            laws: [.orderDoesNotMatter],
            example: """
                merge_method: wudi
                base_model: models/all-MiniLM-L6-v2
                models:
                  - model: experts/role
                  - model: experts/section
                parameters: {iter_num: 300, lr: 1e-5}
                """
        ),
        kind: .ofMatrices { pool, options, _ in
            let plan = try mergingMatrices(
                pool,
                options,
                factors: { $0.experts.map { _ in 1 } }
            ) { parameter in
                let interference = try Interference(of: parameter.count, parameter.difference)
                let descent = try Descent(options, parameter.name, steps: "iter_num")
                var change = try parameter.sum()
                let start = Tensor.zeros(parameter.base.shape)
                change.add(Matrix(descent.run(from: start, gradient: interference.gradient)))
                return change
            }
            return { parameter in
                let rule: VectorRule = try options.choice("vector_rule", parameter.name)
                guard rule == .mean || parameter.shape.count == 2 else {
                    return { try $0.base() }
                }
                return try plan(parameter)
            }
        }
    )
}

/// WUDI's objective as a function of how far `τ` has moved from the sum of the task vectors.
///
/// Its gradient there, where much cancels, is formed in double, and what a move adds to it in float.
package struct Interference: MatrixObjective {
    private let origin: Double
    /// `∇L` at the sum of the task vectors.
    private let slope: Tensor
    /// `2·H`.
    private let curvature: Tensor

    /// The objective of so many task matrices, read twice; those that are 0 ask for nothing.
    package init(of count: Int, _ vector: (Int) throws -> Tensor) rethrows {
        let sum = try (1..<max(count, 1)).reduce(into: Matrix(try vector(0))) {
            $0.add(Matrix(try vector($1)))
        }
        var slope = Matrix(rows: sum.rows, columns: sum.columns)
        var curvature = Matrix(rows: sum.columns, columns: sum.columns)
        var origin = 0.0
        for index in 0..<count {
            let change = Matrix(try vector(index))
            guard change.squaredNorm > 0 else { continue }
            let gram = change.gram(ofColumns: true) * (1 / change.squaredNorm)
            var rest = sum
            rest.add(change, times: -1)
            let product = Matrix.product(rest, gram)
            origin += product.dot(rest)
            slope.add(product, times: 2)
            curvature.add(gram, times: 2)
        }
        self.origin = origin
        (self.slope, self.curvature) = (Tensor(slope), Tensor(curvature))
    }

    /// `L`, for a move from the sum of the task vectors.
    package func value(at move: Tensor) -> Double {
        origin + move.dot(slope) + move.dot(.matmul(move, curvature)) / 2
    }

    /// `∇L`.
    package func gradient(at move: Tensor) -> Tensor { .matmul(move, curvature) + slope }
}
