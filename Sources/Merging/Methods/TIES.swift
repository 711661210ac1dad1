internal import Tensors

// Yadav, Tam, Choshen, Raffel and Bansal, "TIES-Merging: resolving interference when merging models",
// 2023, arXiv:2306.01708. Trim each task vector, elect a sign for every entry, merge those that agree:
//
//     τ̂ₖ = the largest entries of τₖ,  γ = sign(Σₖ wₖ·τ̂ₖ),  Aₖ = [sign(wₖ·τ̂ₖ) = γ]
//     θ = θ₀ + λ · Σₖ Aₖ·wₖ·τ̂ₖ / (normalize ? Σₖ Aₖ·wₖ : 1)

/// How far trimming looks.
enum TrimScope: String, CaseIterable {
    /// Each parameter keeps its own share (mergekit).
    case tensor
    /// One threshold for all of a model (the paper's code, FusionBench).
    case model
}

/// What is made of the entries that agree.
enum MergeFunction: String, CaseIterable { case mean, sum, max }

extension MergeMethod {
    /// The entry of the table; its card tells the rest.
    public static let ties = MergeMethod(
        card: MethodCard(
            "ties",
            category: .sparsification,
            summary: "the largest entries of the task vectors, where their signs agree",
            equation: "θ = θ₀ + λ · Σₖ Aₖ·wₖ·τ̂ₖ / (normalize ? Σₖ Aₖ·wₖ : 1)",
            source: "Yadav et al., 2023, TIES-Merging, arXiv:2306.01708",
            needs: [.base],
            options: options,
            accepted: ["int8_mask"],
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
            case .tensor:
                return { parameter in
                    let sparsifier = try trimming(parameter, options)
                    return try arithmetic(parameter, options, electing: true, on: sparsifier)
                }
            case .model:
                let elected = try elected(pool, options, workers)
                return { try modelScope($0, options, elected, method: "ties") }
            }
        },
        preparation: VectorPreparation(
            reading: ["density", "rescale", "trim_scope"]
        ) { pool, options, workers in
            guard let first = pool.parameters.first else { throw MergeError.noModels }
            let scope: TrimScope = try options.choice("trim_scope", first.name)
            switch scope {
            case .tensor:
                let trimmed = try SparseTaskVectors(pool, workers: workers) {
                    try trimming($0, options)
                }
                return try EntrywiseTaskVectors.agreeing(trimmed)
            case .model:
                return try elected(pool, options, workers)
            }
        }
    )

    private static func elected(
        _ pool: ModelPool,
        _ options: MergeOptions,
        _ workers: Workers
    ) throws -> ElectedTaskVectors {
        try ElectedTaskVectors(pool, options, must: "trim_scope: model", workers)
    }

    private static let options =
        [
            MergeOption(
                "density",
                .model,
                .shares,
                default: .number(1),
                "the share of entries that is kept"
            )
        ] + arithmeticOptions(weight: .number(1), normalize: true) + [.rescale]
        + modelScopeOptions(
            .mean,
            "trim each tensor (as mergekit) or the whole model (as the paper's code)"
        )

    /// Options of a method that may trim and elect over the whole model.
    static func modelScopeOptions(_ function: MergeFunction, _ scope: String) -> [MergeOption] {
        [
            MergeOption(
                "trim_scope",
                .merge,
                .names(TrimScope.allCases.map(\.rawValue)),
                default: .text(TrimScope.tensor.rawValue),
                scope
            ),
            MergeOption(
                "merge_func",
                .merge,
                .names(MergeFunction.allCases.map(\.rawValue)),
                default: .text(function.rawValue),
                "with trim_scope: model, the mean, sum or max of the entries that agree"
            ),
        ]
    }

    /// Leaves the largest entries of a tensor.
    private static func trimming(
        _ parameter: ModelPool.Parameter,
        _ options: MergeOptions
    ) throws -> Sparsifier {
        let counts = try options.numbers("density", parameter).map { density in
            density < 1 ? max(1, Int(density * Double(parameter.count))) : nil
        }
        let trimmings = try Trimmings.of(parameter, keeping: counts)
        let sparsifier = Sparsifier { vector, k, start in trimmings[k].apply(&vector, from: start) }
        return try options.flag("rescale", parameter.name)
            ? try sparsifier.preservingMagnitude(of: parameter) : sparsifier
    }

    /// The rule for vectors that were trimmed and elected over the whole model.
    static func modelScope(
        _ parameter: ModelPool.Parameter,
        _ options: MergeOptions,
        _ elected: ElectedTaskVectors,
        method: String
    ) throws -> Rule {
        let function: MergeFunction = try options.choice("merge_func", parameter.name)
        let weights = try options.numbers("weight", parameter)
        guard weights.allSatisfy({ $0 == 1 }) || weights.allSatisfy({ $0 == 0 }) else {
            throw MergeError.option(
                method: method,
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
