internal import Tensors

// Yadav, Tam, Choshen, Raffel and Bansal, "TIES-Merging: resolving interference when merging models",
// 2023, arXiv:2306.01708. Trim each task vector, elect a sign for every entry, merge those that agree:
//
//     τ̂ₖ = the largest entries of τₖ,  γ = sign(Σₖ wₖ·τ̂ₖ),  Aₖ = [sign(wₖ·τ̂ₖ) = γ]
//     θ = θ₀ + λ · Σₖ Aₖ·wₖ·τ̂ₖ / (normalize ? Σₖ Aₖ·wₖ : 1)

/// How far trimming looks.
private enum TrimScope: String, CaseIterable {
    /// Each parameter keeps its own share (mergekit).
    case tensor
    /// One threshold for all of a model (the paper's code, FusionBench).
    case model
}

/// What is made of the entries that agree.
private enum MergeFunction: String, CaseIterable { case mean, sum, max }

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let ties = MergeMethod(
        card: MethodCard(
            "ties",
            summary: "the largest entries of the task vectors, where their signs agree",
            equation: "θ = θ₀ + λ · Σₖ Aₖ·wₖ·τ̂ₖ / (normalize ? Σₖ Aₖ·wₖ : 1)",
            source: "Yadav et al., 2023, TIES-Merging, arXiv:2306.01708",
            needs: [.base],
            options: options,
            accepted: ["int8_mask", "rescale"],
            laws: [.orderDoesNotMatter, .zeroWeightsGiveBase],
            example: """
                merge_method: ties
                base_model: models/all-MiniLM-L6-v2
                models:
                  - model: experts/role
                    parameters: {weight: 1, density: 0.2}
                  - model: experts/section
                    parameters: {weight: 1, density: 0.2}
                parameters: {lambda: 0.8}
                """
        ),
        kind: .rule { pool, options, workers in
            guard let first = pool.parameters.first else { throw MergeError.noModels }
            let scope: TrimScope = try options.choice("trim_scope", first.name)
            switch scope {
            case .tensor: return { try tensorScope($0, options) }
            case .model:
                let densities = try options.numbers("density", first)
                guard
                    try pool.parameters.allSatisfy({
                        try options.numbers("density", $0) == densities
                    })
                else {
                    throw MergeError.option(
                        method: "ties",
                        name: "density",
                        found: "different for some parameters",
                        expected: "one number for each model with trim_scope: model"
                    )
                }
                let elected = try ElectedTaskVectors(pool, densities: densities, workers: workers)
                return { try modelScope($0, options, elected) }
            }
        }
    )

    private static let options = [
        MergeOption(
            "weight",
            .model,
            .numbers,
            default: .number(1),
            "the factor wₖ of a task vector"
        ),
        MergeOption(
            "density",
            .model,
            .shares,
            default: .number(1),
            "the share of entries that is kept"
        ),
        MergeOption(
            "normalize",
            .merge,
            .flags,
            default: .flag(true),
            "divide by the weights of the entries that agree"
        ),
        MergeOption("lambda", .merge, .numbers, default: .number(1), "the factor of the sum"),
        MergeOption(
            "trim_scope",
            .merge,
            .names(TrimScope.allCases.map(\.rawValue)),
            default: .text(TrimScope.tensor.rawValue),
            "trim each tensor (as mergekit) or the whole model (as the paper's code)"
        ),
        MergeOption(
            "merge_func",
            .merge,
            .names(MergeFunction.allCases.map(\.rawValue)),
            default: .text(MergeFunction.mean.rawValue),
            "with trim_scope: model, the mean, sum or max of the entries that agree"
        ),
    ]

    private static func tensorScope(
        _ parameter: ModelPool.Parameter,
        _ options: MergeOptions
    ) throws -> Rule {
        let weights = try options.numbers("weight", parameter).map { Float($0) }
        let densities = try options.numbers("density", parameter)
        let normalize = try options.flag("normalize", parameter.name)
        let lambda = Float(try options.number("lambda", parameter.name))
        let trimmings = try Trimmings.of(parameter, densities: densities)
        return { block in
            let base = try block.base()
            var vectors = try block.differences(from: base)
            for k in vectors.indices {
                trimmings[k].apply(&vectors[k], from: block.range.lowerBound)
                vectors[k] = vectors[k] * weights[k]
            }
            var sum = consensus(vectors, weights, normalize: normalize) * lambda
            sum.add(base)
            return sum
        }
    }

    /// Sums the weighted entries that have the sign of the sum; a sum of zero counts as positive.
    private static func consensus(
        _ weighted: [Tensor],
        _ weights: [Float],
        normalize: Bool
    ) -> Tensor {
        let balance = weighted.dropFirst().reduce(into: weighted[0]) { $0.add($1) }
        var (sum, divisor) = (Tensor.zeros(balance.shape), Tensor.zeros(balance.shape))
        for (vector, weight) in zip(weighted, weights) {
            var agreeing = vector
            agreeing.keep(signOf: balance, majority: 1)
            sum.add(agreeing)
            if normalize { divisor.add(agreeing.isNonzero, times: weight) }
        }
        return normalize ? sum.divided(by: divisor) : sum
    }

    private static func modelScope(
        _ parameter: ModelPool.Parameter,
        _ options: MergeOptions,
        _ elected: ElectedTaskVectors
    ) throws -> Rule {
        let function: MergeFunction = try options.choice("merge_func", parameter.name)
        let weights = try options.numbers("weight", parameter)
        guard weights.allSatisfy({ $0 == 1 }) || weights.allSatisfy({ $0 == 0 }) else {
            throw MergeError.option(
                method: "ties",
                name: "weight",
                found: weights.map { String($0) }.joined(separator: ", "),
                expected: "1 for every model with trim_scope: model (use lambda)"
            )
        }
        let scale = Float(try options.number("lambda", parameter.name) * (weights.first ?? 1))
        return { block in
            let base = try block.base()
            let vectors = try elected.differences(of: parameter, in: block.range, base: base)
            var sum = vectors.dropFirst().reduce(into: vectors[0]) { sum, vector in
                if function == .max { sum = sum.largerInMagnitude(vector) } else { sum.add(vector) }
            }
            if function == .mean {
                var counts = Tensor.zeros(sum.shape)
                for vector in vectors { counts.add(vector.isNonzero) }
                sum = sum.divided(by: counts)
            }
            sum = sum * scale
            sum.add(base)
            return sum
        }
    }
}
