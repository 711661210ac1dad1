import Checkpoints
import Experiments
import Foundation
import Merging
import Tensors
import TestSupport
import Testing

private let methods = Set(MergeMethods.all.map(\.card.name))

private let iterative = ReferenceCase.all("merge") { _ in true }.filter { reference in
    guard let facts = try? reference.json(MergeCase.self) else { return false }
    return facts.kind == "iterative" && methods.contains(facts.merge_method ?? "")
}

/// What a `case.json` says of a descent: the objective at the start and after every tenth step.
private struct Objectives: Decodable {
    var objective: [String: Double]
    var objective_rtol: Double
}

@Suite struct `Merges by descent agree with the reference` {
    @Test(arguments: iterative)
    func tensors(of reference: ReferenceCase) throws {
        let folder = try ModelFolder()
        let recipe = try Recipe(
            contentsOf: reference.file("config.yml"),
            methods: MethodSignature.all
        )
        let output = folder.file("merged")
        try Merge.run(recipe, to: output, workers: .all)
        let limits = try #require(try reference.json(MergeCase.self).tolerance)
        try expectEqual(
            Checkpoint(at: output),
            reference.tensors("expected.safetensors"),
            within: Tolerance(absolute: limits.atol, relative: limits.rtol),
            rms: limits.rms
        )
    }

    @Test(arguments: iterative)
    func `the objective falls as it does there`(reference: ReferenceCase) throws {
        let expected = try reference.json(Objectives.self)
        let found = try DescentCase(reference).objectives()
        #expect(found.count > 1)
        for (step, value) in expected.objective {
            let own = try #require(found[step], "step \(step) of \(found.keys.sorted())")
            #expect(
                abs(own - value) <= expected.objective_rtol * abs(value),
                "step \(step): \(own), not \(value)"
            )
        }
    }
}

/// The descents of a case, weight by weight.
private struct DescentCase {
    private let recipe: Recipe
    private let base: Checkpoint
    private let experts: [Checkpoint]

    init(_ reference: ReferenceCase) throws {
        recipe = try Recipe(
            contentsOf: reference.file("config.yml"),
            methods: MethodSignature.all
        )
        func checkpoint(_ model: ModelReference?) throws -> Checkpoint {
            let path = try #require(model?.model.location.path)
            return try Checkpoint(at: URL(filePath: path))
        }
        base = try checkpoint(recipe.baseModel)
        experts = try recipe.models.map { try checkpoint($0.reference) }
    }

    private func number(_ name: String) throws -> Double {
        if case .scalar(let scalar)? = recipe.parameters[name] {
            return try #require(scalar.number ?? scalar.boolean.map { $0 ? 1 : 0 })
        }
        let card = try MergeMethods.named(recipe.mergeMethod).card
        let option = try #require(card.options.first { $0.name == name })
        switch option.fallback {
        case .number(let number): return number
        case .flag(let flag): return flag ? 1 : 0
        default: throw CocoaError(.featureUnsupported)
        }
    }

    /// The sums over all weights, by step.
    func objectives() throws -> [String: Double] {
        let steps = Int(try number(recipe.mergeMethod == "wudi" ? "iter_num" : "num_steps"))
        let descent = Descent(steps: steps, rate: try number("lr"))
        var sums: [String: Double] = [:]
        func note(_ step: Int, _ value: () -> Double) {
            if step % 10 == 0 { sums["\(step)", default: 0] += value() }
        }
        for name in base.names {
            let origin = try base.view(name)
            guard origin.shape.count == 2 else { continue }
            let vectors = try experts.map { try $0.view(name).tensor() - origin.tensor() }
            switch recipe.mergeMethod {
            case "wudi":
                let objective = Interference(of: vectors.count) { vectors[$0] }
                _ = descent.run(
                    from: .zeros(origin.shape),
                    watch: { step, point in note(step) { objective.value(at: point) } },
                    gradient: objective.gradient
                )
            case "doge_ta" where name.contains(".layers."):
                let objective = SharedCorrection(
                    vectors,
                    norm: try number("lamda"),
                    common: (origin.shape.min() ?? 0) / Int(try number("subspace"))
                )
                _ = objective.learned(by: descent) { step, point in
                    note(step) { objective.value(at: point) }
                }
            case "awd" where !name.contains("embed"):
                let objective = Redundancy(vectors, alpha: try number("alpha"))
                _ = descent.run(
                    from: objective.start,
                    watch: { step, point in note(step) { objective.value(at: point) } },
                    gradient: objective.gradient
                )
            case "dop" where !name.contains("embed"):
                var space = ProjectionSpace.uv
                if case .scalar(.text(let text))? = recipe.parameters["svd_proj_space"] {
                    space = try #require(ProjectionSpace(rawValue: text))
                }
                let settings = DualProjections.Settings(
                    alpha: try number("alpha"),
                    balances: try number("mgda") == 1,
                    smooths: try number("ema") == 1,
                    smoothing: try number("ema_beta"),
                    epsilon: try number("svd_epsilon"),
                    space: space,
                    power: 1
                )
                _ = vectors.dropFirst().reduce(vectors[0]) { merged, new in
                    let pair = DualProjections(merged: merged, new: new, settings)
                    return pair.merged(by: descent) { step, move in
                        note(step) {
                            pair.stability.value(at: move) + pair.plasticity.value(at: move)
                        }
                    }
                }
            default: continue
            }
        }
        return sums
    }
}
