import Checkpoints
import Foundation
import Merging
import Tensors
import TestSupport
import Testing

@testable import Experiments

/// What the `case.json` of a random merge says.
private struct RandomCase: Decodable {
    struct Property: Decodable {
        var property: String
        var density, rtol, atol: Double?
        var rescale_mode, mean, std, file: String?
        var reference_draws: Int?
    }
    var kind: String
    var merge_method: String?
    var properties: [Property]?

    func property(_ name: String) -> Property? { properties?.first { $0.property == name } }
}

private let methods = Set(MergeMethods.all.map(\.card.name))

private let random = ReferenceCase.all("merge") { _ in true }.filter { reference in
    guard let facts = try? reference.json(RandomCase.self) else { return false }
    return facts.kind == "random" && methods.contains(facts.merge_method ?? "")
}

/// A recipe's options under a seed.
private struct SeededOptions: OptionSource {
    let options: RecipeOptions
    let seed: UInt64

    func value(of option: String, parameter: String, model: Int?) throws -> OptionValue? {
        options.value(of: option, parameter: parameter, model: model)
    }
}

/// The merge of a case, to be drawn again and again.
private struct Draws {
    let pool: ModelPool
    let method: MergeMethod
    let options: RecipeOptions

    init(_ reference: ReferenceCase) throws {
        let recipe = try Recipe(
            contentsOf: reference.file("config.yml"),
            methods: MethodSignature.all
        )
        method = try MergeMethods.named(recipe.mergeMethod)
        let models = try SourceModels(recipe, for: method.card)
        pool = models.pool
        options = models.parts[0].options
    }

    /// What is added to the base, by parameter.
    func merged(seed: UInt64) throws -> [String: [Float]] {
        let plan = try method.plan(
            pool,
            options: SeededOptions(options: options, seed: seed),
            workers: Workers(1)
        )
        let blocks = MergedBlocks(of: pool, by: plan, storedAs: nil)
        var parts: [String: [Float]] = [:]
        for piece in 0..<blocks.count {
            guard let block = try blocks.form(piece) else { continue }
            parts[block.parameter.name, default: []] += block.elements.elements
        }
        return parts
    }

    /// `θ₀` and `τ` of the only expert.
    func vector(of parameter: ModelPool.Parameter) throws -> (base: [Float], vector: [Float]) {
        guard case .dense(let view) = parameter.experts[0], let base = parameter.base else {
            throw MergeError.noModels
        }
        let origin = try base.tensor()
        return (origin.elements, try (view.tensor() - origin).elements)
    }
}

/// How far a mean of draws may be from what it approaches, for how many elements.
private struct Misses {
    private(set) var all = 0
    private(set) var missed = 0

    mutating func note(_ difference: Double, within limit: Double) {
        all += 1
        if !(abs(difference) <= limit) { missed += 1 }
    }

    /// Whether 99 in 100 are where they should be.
    var areFew: Bool { all > 0 && missed * 100 <= all }
}

@Suite(.enabled(if: Golden.directory != nil, "\(Golden.absence)"))
struct `Random merges agree with the reference` {
    private let seeds = 200

    @Test(arguments: random)
    func `entries stay as often as they should, and their mean is right`(
        reference: ReferenceCase
    ) throws {
        let facts = try reference.json(RandomCase.self)
        let draws = try Draws(reference)
        let expected = try #require(facts.property("mean"))
        let mean = try reference.tensors(try #require(expected.mean))
        let deviation = try reference.tensors(try #require(expected.std))
        var sums: [String: [Double]] = [:]
        var survivals: [String: [Double]] = [:]
        for seed in 0..<seeds {
            for (name, values) in try draws.merged(seed: UInt64(seed)) {
                let base = try #require(draws.pool[name]?.base).tensor().elements
                var (sum, count) = (
                    sums[name] ?? values.map { _ in 0 }, survivals[name] ?? values.map { _ in 0 }
                )
                for i in values.indices {
                    sum[i] += Double(values[i])
                    if values[i] != base[i] { count[i] += 1 }
                }
                (sums[name], survivals[name]) = (sum, count)
            }
        }
        let share = 1 / Double(seeds)
        let draw = expected.reference_draws ?? 0
        let spread = (share + (draw > 0 ? 1 / Double(draw) : 0)).squareRoot()
        var misses = Misses()
        for (name, sum) in sums {
            let expected = try mean.view(name).tensor().elements
            let limits = try deviation.view(name).tensor().elements
            for i in sum.indices {
                misses.note(
                    sum[i] * share - Double(expected[i]),
                    within: 6 * Double(limits[i]) * spread + 1e-6
                )
            }
        }
        #expect(misses.areFew, "the mean: \(misses)")
        guard let kept = facts.property("keep_probability"), draws.pool.experts.count == 1 else {
            return
        }
        let probabilities = try reference.tensors(try #require(kept.file))
        var rates = Misses()
        for (name, count) in survivals {
            let model = URL(filePath: draws.pool.experts[0]).lastPathComponent
            let expected = try probabilities.view("\(model).\(name)").tensor().elements
            let vector = try draws.vector(of: try #require(draws.pool[name])).vector
            for i in count.indices where vector[i] != 0 {
                let p = Double(expected[i])
                rates.note(count[i] * share - p, within: 6 * (p * (1 - p) * share).squareRoot())
            }
        }
        #expect(rates.areFew, "survival: \(rates)")
    }

    @Test(arguments: random)
    func `what stays is the task vector, scaled as the case says`(
        reference: ReferenceCase
    ) throws {
        let facts = try reference.json(RandomCase.self)
        let draws = try Draws(reference)
        guard let survivors = facts.property("survivors") else { return }
        let (absolute, relative) = (try #require(survivors.atol), try #require(survivors.rtol))
        for seed in 0..<UInt64(20) {
            let merged = try draws.merged(seed: seed)
            for parameter in draws.pool.parameters {
                let values = try #require(merged[parameter.name])
                let (base, vector) = try draws.vector(of: parameter)
                let added = zip(values, base).map { Double($0) - Double($1) }
                let kept = added.indices.filter { added[$0] != 0 }
                if let density = facts.property("kept_fraction")?.density {
                    let count = Double(vector.filter { $0 != 0 }.count)
                    let limit = 5 * (density * (1 - density) * count).squareRoot()
                    #expect(abs(Double(kept.count) - density * count) <= limit)
                }
                let total = vector.reduce(0) { $0 + Double(abs($1)) }
                let left = kept.reduce(0) { $0 + Double(abs(vector[$1])) }
                let factor =
                    switch survivors.rescale_mode {
                    case "l1": left > 0 ? total / left : 1
                    case "inverse_probability":
                        1 / (try #require(facts.property("kept_fraction")?.density))
                    default: 1.0
                    }
                for i in kept {
                    let expected = factor * Double(vector[i])
                    let limit = absolute + relative * abs(expected)
                    #expect(abs(added[i] - expected) <= limit, "\(parameter.name) \(i)")
                }
            }
        }
    }

    @Test(arguments: random)
    func `a seed gives the same model again, another seed another`(
        reference: ReferenceCase
    ) throws {
        let folder = try ModelFolder()
        var recipe = try Recipe(
            contentsOf: reference.file("config.yml"),
            methods: MethodSignature.all
        )
        let runs: [(seed: UInt64, workers: Int)] = [(7, 1), (7, 2), (8, 2), (0, 2)]
        let outputs = try runs.enumerated().map { number, run in
            recipe.seed = run.seed
            let output = folder.file("\(number)")
            try Merge.run(recipe, to: output, workers: Workers(run.workers))
            return try contents(of: output)
        }
        let models = outputs.map { $0["model.safetensors"] }
        #expect(models[0] != nil && models[0] == models[1])
        #expect(models[2] != models[0])
        // mergekit's schema has no seed, and no words for some options.
        let ours = ["trim_scope", "rescale_mode"]
        let isSayable = ours.allSatisfy { recipe.parameters[$0] == nil }
        #expect(
            outputs.map { $0["mergekit_config.yml"] != nil } == [false, false, false, isSayable]
        )
    }
}
