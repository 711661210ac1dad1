internal import Tensors

// Matena and Raffel, "Merging models with Fisher-weighted averaging", 2022, arXiv:2111.09832. A
// parameter of the merged model is nearer to the experts whose predictions depend on it more:
//
//     θ = Σₖ cₖ·Fₖ·θₖ / Σₖ cₖ·Fₖ,   Fₖ = max(E (∂ log p/∂θ)², floor),   cₖ = wₖ (/ ‖Fₖ‖)

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let fisher = MergeMethod(
        card: MethodCard(
            "fisher",
            category: .statistics,
            summary: "the average, each parameter weighted by what it matters to its expert",
            equation: "θ = Σₖ cₖ·Fₖ·θₖ / Σₖ cₖ·Fₖ,  Fₖ = max(E (∂ log p/∂θ)², floor)",
            source: "Matena and Raffel, 2022, Fisher-weighted averaging, arXiv:2111.09832",
            needs: [.fisher],
            options: [
                MergeOption(
                    "kind",
                    .merge,
                    .labels,
                    default: .text("auto"),
                    "the labels: exact, sampled:k, empirical, or auto: exact up to 64 classes"
                ),
                MergeOption(
                    "floor",
                    .merge,
                    .fractions,
                    default: .number(1e-6),
                    "the least information that an element has"
                ),
                MergeOption(
                    "normalised",
                    .merge,
                    .flags,
                    default: .flag(true),
                    "divide each model's information by its norm over all merged parameters"
                ),
                MergeOption(
                    "search",
                    .merge,
                    .names(WeightSearch.allCases.map(\.rawValue)),
                    default: .text(WeightSearch.none.rawValue),
                    "how weights are found by accuracy on the select splits: none, grid, dirichlet"
                ),
                MergeOption(
                    "search_steps",
                    .merge,
                    .counts,
                    default: .number(51),
                    "how many weights are tried"
                ),
                share,
            ],
            laws: [.copiesMergeToThemselves, .orderDoesNotMatter],
            example: statisticsExample("fisher", "  kind: exact", file: "role.fisher.safetensors")
        ),
        kind: .fromStatistics(.fisher) { pool, statistics, options, _ in
            guard let first = pool.parameters.first else { throw MergeError.noModels }
            let wanted = try options.text("kind", first.name)
            for file in statistics where FisherLabels(wanted)?.accepts(file.labels) != true {
                throw StatisticsError.kind(
                    file: file.path,
                    expected: "Fisher information of kind \(wanted)",
                    found: "\(file.labels?.text ?? "none")"
                )
            }
            let norms = try statistics.map { try $0.norm(over: pool.parameters) }
            return { parameter in
                let weights = try options.positive("weight", parameter, method: "fisher")
                let floor = Float(try options.number("floor", parameter.name))
                let normalised = try options.flag("normalised", parameter.name)
                let factors = zip(weights, norms).map {
                    normalised && $1 > 0 ? Float($0 / $1) : Float($0)
                }
                let informations = try statistics.map { try $0.information(of: parameter) }
                return { block in
                    var (sum, total) = (
                        Tensor.zeros([block.range.count]), Tensor.zeros([block.range.count])
                    )
                    for (k, model) in try block.models().enumerated() {
                        let part =
                            informations[k]?.elements(in: block.range)
                            ?? .zeros([block.range.count])
                        let shares =
                            part.clamped(to: floor...Float.greatestFiniteMagnitude) * factors[k]
                        sum.add(model * shares)
                        total.add(shares)
                    }
                    return sum.divided(by: total)
                }
            }
        }
    )
}

extension ModelStatistics {
    /// The Euclidean norm of the information over all of some parameters.
    fileprivate func norm(over parameters: [ModelPool.Parameter]) throws -> Double {
        try parameters.reduce(0.0) { sum, parameter in
            guard let part = try information(of: parameter) else { return sum }
            return sum + part.dot(part)
        }.squareRoot()
    }
}
