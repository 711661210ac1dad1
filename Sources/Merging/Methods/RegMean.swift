internal import Checkpoints
internal import Tensors

// Jin, Ren, Preoțiuc-Pietro and Cheng, "Dataless knowledge fusion by merging weights of language
// models", 2023, arXiv:2212.09849. A linear map of the merged model answers each expert's own inputs
// as that expert's map does, in the sense of least squares:
//
//     W = Σₖ Wₖ·G̃ₖ · (Σₖ G̃ₖ)⁻¹,   Gₖ = XₖᵀXₖ / rows,   G̃: Gₖ with its off-diagonal times α

/// How a Gram matrix is scaled before models are merged by it.
private enum GramScale: String, CaseIterable {
    /// Divided by its rows: every model counts the same.
    case mean
    /// As it is: a model counts with its rows.
    case sum
}

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let regMean = MergeMethod(
        card: MethodCard(
            "regmean",
            category: .statistics,
            summary: "linear maps that answer each expert's own inputs as the expert does",
            equation: "W = Σₖ Wₖ·G̃ₖ · (Σₖ G̃ₖ)⁻¹,  G̃ₖ: XₖᵀXₖ, off-diagonal times α; rest: average",
            source: "Jin et al., 2023, Dataless knowledge fusion (RegMean), arXiv:2212.09849",
            needs: [.gram],
            options: regressionOptions,
            laws: [.copiesMergeToThemselves, .orderDoesNotMatter],
            example: statisticsExample("regmean", "  alpha: 0.95", file: "role.gram.safetensors")
        ),
        kind: .fromStatistics(.gram) { _, statistics, options, report in
            { try regression($0, statistics, options, report) }
        }
    )

    /// The options of maps that are fitted to Gram matrices.
    static let regressionOptions = [
        MergeOption(
            "alpha",
            .merge,
            .fractions,
            default: .number(0.95),
            "what off-diagonal elements are multiplied by"
        ),
        MergeOption(
            "gram",
            .merge,
            .names(GramScale.allCases.map(\.rawValue)),
            default: .text(GramScale.mean.rawValue),
            "mean: every model counts the same; sum: with its number of rows"
        ),
        MergeOption(
            "ridge",
            .merge,
            .fractions,
            default: .number(0),
            "added to the diagonal, as a share of its mean; 1e-6 where 0 cannot be solved"
        ),
        share,
    ]

    /// The linear map that answers each expert's inputs as the expert does; what is no linear map of
    /// every model is averaged, patch projections with it.
    static func regression(
        _ parameter: ModelPool.Parameter,
        _ statistics: [ModelStatistics],
        _ options: MergeOptions,
        _ report: SolveReport
    ) throws -> Rule {
        let weights = try options.positive("weight", parameter, method: "regmean")
        let scale: GramScale = try options.choice("gram", parameter.name)
        let ridge = try options.number("ridge", parameter.name)
        let alpha = try options.number("alpha", parameter.name)
        let grams = try statistics.map { try $0.gram(of: parameter) }
        guard parameter.shape.count == 2, grams.allSatisfy({ $0 != nil }) else {
            return average(weights)
        }
        let (outputs, inputs) = (parameter.shape[0], parameter.shape[1])
        var equations = NormalEquations(outputs: outputs, inputs: inputs)
        let whole = MergeBlock(parameter: parameter, range: 0..<parameter.count)
        for (k, model) in try whole.models().enumerated() {
            guard let (triangle, rows) = grams[k] else { continue }
            try whole.check(model, storedAs: .float32)
            equations.add(
                model.reshaped(parameter.shape),
                triangle: triangle,
                shrinking: alpha,
                times: weights[k] / (scale == .mean ? Double(rows) : 1)
            )
        }
        let solution = equations.solved(ridge: ridge)
        report.note(solution, of: parameter.name, ridge: ridge)
        return { block in solution.weight.elements(in: block.range) }
    }
}

/// How much a model counts among those that are merged by statistics.
let share = MergeOption(
    "weight",
    .model,
    .numbers,
    default: .number(1),
    "how much a model counts"
)

/// The weighted average of the models, which is what linear maps without statistics get.
func average(_ weights: [Double]) -> MergeMethod.Rule {
    let total = weights.reduce(0, +)
    return { try $0.sum(by: weights.map { $0 / total }) }
}

/// An example of a recipe that merges by statistics.
func statisticsExample(_ name: String, _ option: String, file: String) -> String {
    """
    merge_method: \(name)
    models:
      - model: experts/role
        statistics: statistics/\(file)
      - model: experts/section
    tasks:
      - {name: section, model: experts/section, data: data/section}
    parameters:
    \(option)
    """
}
