internal import Tensors

// The minimum of WUDI's objective (Cheng, Xiong, Wei, Zhu and Yuan, "Whoever started the interference
// should end it", 2025, arXiv:2503.08099) with a ridge, of which the paper has only the descent:
//
//     min_τ Σₖ wₖ·(‖(τ − τₖ)·τₖᵀ‖² + ω·‖τ − τₖ‖²),  wₖ = 1/‖τₖ‖²,  Gₖ = τₖᵀτₖ
//     τ = Σₖ wₖ·τₖ·(Gₖ + ω·I) · (Σₖ wₖ·(Gₖ + ω·I))⁻¹

/// What ω is measured by.
private enum OmegaMode: String, CaseIterable {
    /// The mean of the squared lengths that a matrix stretches directions to.
    case relative
    /// Nothing: it is the number itself.
    case absolute
}

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let wudiClosedForm = MergeMethod(
        card: MethodCard(
            "wudi_closed_form",
            category: .optimised,
            summary: "the change that disturbs no task in the directions its own task vector has",
            equation: "θ = θ₀ + Σₖ wₖ·τₖ·(Gₖ + ω) · (Σₖ wₖ·(Gₖ + ω))⁻¹,  Gₖ = τₖᵀτₖ, wₖ = 1/‖τₖ‖²",
            source: "after Cheng et al., 2025, WUDI-Merging, arXiv:2503.08099",
            needs: [.base],
            options: [
                MergeOption(
                    "omega",
                    .merge,
                    .amounts,
                    default: .number(0),
                    "how much the change is held near the task vectors' mean"
                ),
                MergeOption(
                    "omega_mode",
                    .merge,
                    .names(OmegaMode.allCases.map(\.rawValue)),
                    default: .text(OmegaMode.relative.rawValue),
                    "relative: omega is a share of the mean of the Gₖ's diagonals; absolute"
                ),
                excludeKeys, MatrixFilter.option, AttentionLayout.option,
            ],
            laws: [.copiesMergeToThemselves, .orderDoesNotMatter],
            example: """
                merge_method: wudi_closed_form
                base_model: models/all-MiniLM-L6-v2
                models:
                  - model: experts/role
                  - model: experts/section
                parameters: {omega: 0.01}
                """
        ),
        kind: .ofMatrices { pool, options, _ in
            try mergingMatrices(
                pool,
                options,
                factors: { $0.experts.map { _ in 1 } }
            ) { parameter in
                let omega = try options.number("omega", parameter.name)
                let mode: OmegaMode = try options.choice("omega_mode", parameter.name)
                let (rows, columns) = (parameter.base.shape[0], parameter.base.shape[1])
                var left = Matrix(rows: columns, columns: columns)
                var (right, mean) = (
                    Matrix(rows: rows, columns: columns), Matrix(rows: rows, columns: columns)
                )
                var total = 0.0
                for expert in 0..<parameter.count {
                    let change = Matrix(try parameter.difference(expert))
                    // An expert that did not change the matrix asks for nothing.
                    guard change.squaredNorm > 0 else { continue }
                    let weight = 1 / change.squaredNorm
                    let gram = change.gram(ofColumns: true)
                    left.add(gram, times: weight)
                    right.add(.product(change, gram), times: weight)
                    mean.add(change, times: weight)
                    total += weight
                }
                guard total > 0 else { return right }
                let diagonal = (0..<columns).map { left[$0, $0] }
                let unit = mode == .absolute ? total : diagonal.reduce(0, +) / Double(columns)
                for i in 0..<columns { left[i, i] += omega * unit }
                right.add(mean, times: omega * unit / total)
                return Matrix(NormalEquations(left: left, right: right).smallestSolution().weight)
            }
        }
    )
}
