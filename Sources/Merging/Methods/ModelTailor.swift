internal import Checkpoints
internal import Tensors

// Zhu, Sun, Li, Shen, Yan, Ding, Wu and Kuang, "Model Tailor: mitigating catastrophic forgetting in
// multi-modal large language models", 2024, arXiv:2402.12048. Most entries of a fine-tuned weight go
// back to the base's; what stays is a patch that makes up for them, column by column:
//
//     keep where  κ·z(|W − W₀|) + (1 − κ)·z(W²/U²ⱼⱼ)  is large,   H⁻¹ = UᵀU,   H = 2/n·XᵀX + damping

/// What becomes of the error that an entry makes when it goes back to the base's.
private enum Compensation: String, CaseIterable {
    /// Later columns are moved along it, as the authors' code does.
    case official
    /// Later columns are moved against it, as an optimal brain surgeon does.
    case obs
    /// Nothing.
    case none
}

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let modelTailor = MergeMethod(
        card: MethodCard(
            "model_tailor",
            category: .statistics,
            summary: "the base with a patch of one expert's most important entries",
            equation:
                "W = W₀ but where κ·z(|W − W₀|) + (1 − κ)·z(W²/U²) is large; there W, compensated",
            source: "Zhu et al., 2024, Model Tailor, arXiv:2402.12048",
            needs: [.base, .gram],
            counts: 1...1,
            options: [
                MergeOption(
                    "sparsity",
                    .merge,
                    .fractions,
                    default: .number(0.9),
                    "the share of entries that go back to the base's"
                ),
                MergeOption(
                    "alpha",
                    .merge,
                    .fractions,
                    default: .number(0.5),
                    "κ: how much the size of the change counts, against its influence"
                ),
                MergeOption(
                    "percdamp",
                    .merge,
                    .fractions,
                    default: .number(0.01),
                    "added to the diagonal of H, as a share of its mean"
                ),
                MergeOption(
                    "blocksize",
                    .merge,
                    .counts,
                    default: .number(128),
                    "columns whose entries are compared with each other"
                ),
                MergeOption(
                    "compensation",
                    .merge,
                    .names(Compensation.allCases.map(\.rawValue)),
                    default: .text(Compensation.official.rawValue),
                    "official: errors are added to later columns; obs: subtracted; none"
                ),
                MergeOption(
                    "calibration",
                    .merge,
                    .files,
                    default: .text(""),
                    "inputs of each weight [samples, inputs], instead of statistics"
                ),
            ],
            laws: [],
            example: """
                merge_method: model_tailor
                base_model: models/all-MiniLM-L6-v2
                models:
                  - model: experts/role
                    statistics: statistics/role.gram.safetensors
                parameters: {sparsity: 0.9}
                """
        ),
        kind: .fromStatistics(.gram) { _, statistics, options, _ in
            { parameter in
                let gram = try statistics[0].gram(of: parameter)
                guard let gram, parameter.shape.count == 2 else {
                    // What has no inputs that are known stays as the expert has it.
                    return { try $0.models()[0] }
                }
                let tailoring = Tailoring(
                    sparsity: try options.number("sparsity", parameter.name),
                    share: try options.number("alpha", parameter.name),
                    block: Int(try options.number("blocksize", parameter.name)),
                    compensation: try options.choice("compensation", parameter.name)
                )
                let width = parameter.shape[1]
                let damping = try options.number("percdamp", parameter.name)
                guard
                    let factor = InverseFactor(
                        triangle: gram.triangle,
                        width: width,
                        times: 2 / Double(max(gram.rows, 1)),
                        damping: damping
                    )
                else {
                    throw MergeError.option(
                        method: "model_tailor",
                        name: "percdamp",
                        found: "\(damping)",
                        expected: "larger: the inputs of \(parameter.name) determine no inverse"
                    )
                }
                let whole = MergeBlock(parameter: parameter, range: 0..<parameter.count)
                let (base, models) = (try whole.base(), try whole.models())
                try whole.check(models[0], storedAs: .float32)
                let merged = tailoring.apply(models[0], to: base, width: width, along: factor)
                return { merged.elements(in: $0.range) }
            }
        }
    )
}

/// How one weight is tailored.
private struct Tailoring {
    let sparsity, share: Double
    let block: Int
    let compensation: Compensation

    func apply(_ expert: Tensor, to base: Tensor, width: Int, along factor: InverseFactor) -> Tensor
    {
        let origin = base.elements.map(Double.init)
        var weight = expert.elements.map(Double.init)
        // The change itself, which no compensation alters.
        let changes = zip(weight, origin).map { abs($0 - $1) }
        let rows = weight.count / max(width, 1)
        let sign: Double =
            switch compensation {
            case .official: 1
            case .obs: -1
            case .none: 0
            }
        for start in stride(from: 0, to: width, by: max(block, 1)) {
            let columns = start..<min(start + max(block, 1), width)
            let reverted = reverted(weight, changes, columns, width, rows, factor)
            for column in columns {
                for row in 0..<rows where reverted[row * columns.count + column - start] {
                    let place = row * width + column
                    let error = sign * (weight[place] - origin[place]) / factor[column, column]
                    weight[place] = origin[place]
                    guard sign != 0 else { continue }
                    for later in column + 1..<width {
                        // Those of this block that go back are written over in their turn.
                        weight[row * width + later] += error * factor[column, later]
                    }
                }
            }
        }
        return Tensor([weight.count], weight.map { Float($0) })
    }

    /// Which entries of a block of columns go back to the base's.
    private func reverted(
        _ weight: [Double],
        _ changes: [Double],
        _ columns: Range<Int>,
        _ width: Int,
        _ rows: Int,
        _ factor: InverseFactor
    ) -> [Bool] {
        var scores: [Double] = []
        scores.reserveCapacity(rows * columns.count)
        for row in 0..<rows {
            let places = columns.map { row * width + $0 }
            let sizes = standardized(places.map { changes[$0] })
            let influences = standardized(
                zip(places, columns).map { place, column in
                    let ratio = weight[place] / factor[column, column]
                    return ratio * ratio
                }
            )
            scores += zip(sizes, influences).map { share * $0 + (1 - share) * $1 }
        }
        let index = Int(Double(scores.count) * sparsity)
        guard sparsity > 0, !scores.isEmpty else { return scores.map { _ in false } }
        let threshold = scores.sorted()[min(index, scores.count - 1)]
        return scores.map { $0 <= threshold }
    }

    /// Numbers less their mean, divided by their deviation; 0 where they do not differ.
    private func standardized(_ values: [Double]) -> [Double] {
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let deviation = (squares / Double(max(values.count - 1, 1))).squareRoot()
        return values.map { deviation > 0 ? ($0 - mean) / deviation : 0 }
    }
}
