internal import Tensors

// Davari and Belilovsky, "Model Breadcrumbs: scaling multi-task model merging with sparse masks", 2024,
// arXiv:2312.06795. Of each task vector the largest entries go, as outliers, and the smallest, as noise:
//
//     θ = θ₀ + λ · Σₖ wₖ·τ̂ₖ,   τ̂ₖ: without the γ·n largest of |τₖ|, and of the rest the density·n largest

/// What entries are compared with.
private enum CrumbScope: String, CaseIterable {
    /// Those of their tensor (mergekit).
    case tensor
    /// Those of their row (the paper's code).
    case row
}

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let breadcrumbs = MergeMethod(
        card: MethodCard(
            "breadcrumbs",
            category: .sparsification,
            summary: "the base plus task vectors without their largest and smallest entries",
            equation: "θ = θ₀ + λ · Σₖ wₖ·τ̂ₖ,  τ̂ₖ: the density·n largest after the γ·n largest",
            source: "Davari and Belilovsky, 2024, Model Breadcrumbs, arXiv:2312.06795",
            needs: [.base],
            options: arithmeticOptions(normalize: false) + trimming,
            accepted: ["int8_mask"],
            laws: [.orderDoesNotMatter, .zeroWeightsGiveBase],
            example: breadcrumbsExample("breadcrumbs")
        ),
        kind: .rule { _, options, _ in { try breadcrumbs($0, options, electing: false) } },
        preparation: .sparse(electing: false, reading: crumbs, crumbs)
    )

    /// The options of what is left of a task vector.
    private static let crumbs: Set = ["density", "gamma", "rescale", "trim_scope"]

    /// The entry of the table; its card tells the rest.
    public static let breadcrumbsTIES = MergeMethod(
        card: MethodCard(
            "breadcrumbs_ties",
            category: .sparsification,
            summary: "task vectors without their largest and smallest entries, where signs agree",
            equation: "θ = θ₀ + λ · Σₖ Aₖ·wₖ·τ̂ₖ,  τ̂ₖ: the density·n largest after the γ·n largest",
            source:
                "Davari and Belilovsky, 2024, Model Breadcrumbs, arXiv:2312.06795; Yadav et al., "
                + "2023, TIES-Merging, arXiv:2306.01708",
            needs: [.base],
            options: arithmeticOptions(normalize: false) + trimming,
            accepted: ["int8_mask"],
            laws: [.orderDoesNotMatter, .zeroWeightsGiveBase],
            example: breadcrumbsExample("breadcrumbs_ties")
        ),
        kind: .rule { _, options, _ in { try breadcrumbs($0, options, electing: true) } },
        preparation: .sparse(electing: true, reading: crumbs, crumbs)
    )

    private static let trimming = [
        MergeOption(
            "density",
            .model,
            .shares,
            default: .number(1),
            "the share of entries that is kept"
        ),
        MergeOption(
            "gamma",
            .model,
            .fractions,
            default: .number(0.01),
            "the share of entries that goes for being largest; less where density leaves less"
        ),
        .rescale,
        MergeOption(
            "trim_scope",
            .merge,
            .names(CrumbScope.allCases.map(\.rawValue)),
            default: .text(CrumbScope.tensor.rawValue),
            "compare the entries of a tensor (as mergekit) or of a row (as the paper's code)"
        ),
    ]

    private static func breadcrumbs(
        _ parameter: ModelPool.Parameter,
        _ options: MergeOptions,
        electing: Bool
    ) throws -> Rule {
        let rule = try arithmetic(
            parameter,
            options,
            electing: electing,
            on: try crumbs(parameter, options)
        )
        let scope: CrumbScope = try options.choice("trim_scope", parameter.name)
        return try scope == .row ? parameter.byRows(rule) : rule
    }

    /// Leaves neither the largest entries nor the smallest.
    private static func crumbs(
        _ parameter: ModelPool.Parameter,
        _ options: MergeOptions
    ) throws -> Sparsifier {
        let densities = try options.numbers("density", parameter)
        let gammas = try options.numbers("gamma", parameter)
        let scope: CrumbScope = try options.choice("trim_scope", parameter.name)
        let (width, count) = (parameter.rowWidth, parameter.count)
        let sparsifier: Sparsifier
        switch scope {
        case .tensor:
            let kept = densities.map { Int($0 * Double(count)) }
            // Where not so many are left, fewer outliers go.
            let outliers = zip(gammas, kept).map { min(Int($0 * Double(count)), count - $1) }
            let larger = try Trimmings.of(parameter, keeping: outliers)
            let large = try Trimmings.of(parameter, keeping: zip(outliers, kept).map { $0 + $1 })
            sparsifier = Sparsifier { vector, k, start in
                var outliers = vector
                larger[k].apply(&outliers, from: start)
                large[k].apply(&vector, from: start)
                vector.add(outliers, times: -1)
            }
        case .row:
            sparsifier = Sparsifier { vector, k, _ in
                let first = Int(gammas[k] * Double(width))
                let last = min(first + Int(densities[k] * Double(width)), width)
                vector.keep(largest: first..<last, inRowsOf: width)
            }
        }
        return try options.flag("rescale", parameter.name)
            ? try sparsifier.preservingMagnitude(of: parameter) : sparsifier
    }

    private static func breadcrumbsExample(_ name: String) -> String {
        """
        merge_method: \(name)
        base_model: models/all-MiniLM-L6-v2
        models:
          - model: experts/role
            parameters: {weight: 0.4, density: 0.9, gamma: 0.01}
          - model: experts/section
            parameters: {weight: 0.4, density: 0.9, gamma: 0.01}
        """
    }
}
