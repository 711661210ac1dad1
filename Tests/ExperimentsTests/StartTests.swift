import Checkpoints
import Experiments
import Foundation
import Merging
import Synchronization
import Tasks
import Tensors
import TestSupport
import Testing

@Suite struct `Learning around another merge` {
    private func recipe(_ changes: [String] = []) throws -> Recipe {
        try learningRecipe(["parameters.start={method: regmean, alpha: 0.9}"] + changes)
    }

    @Test func `begins with that merge, and the base is still the base`() throws {
        let (plain, scratch) = (try ScratchDirectory(), try ScratchDirectory())
        let result = try Learning.run(
            recipe(["parameters.steps=0"]),
            in: scratch.url.appending(path: "run"),
            workers: Workers(2)
        )
        #expect(result.coefficients.lambda.allSatisfy { $0.allSatisfy { $0 == 0 } })
        let output = scratch.url.appending(path: "merged")
        try Export.run(
            RunDirectory(scratch.url.appending(path: "run")),
            task: nil,
            to: output,
            command: ["merganser"],
            workers: Workers(2)
        )
        var rule = try recipe()
        (rule.mergeMethod, rule.learning) = ("regmean", nil)
        rule.parameters = ["alpha": .scalar(.number(0.9))]
        let expected = scratch.url.appending(path: "regmean")
        try Merge.run(rule, to: expected, workers: Workers(1))
        let (found, wanted) = try (Checkpoint(at: output), Checkpoint(at: expected))
        #expect(found.names == wanted.names)
        for name in wanted.names {
            #expect(try found.view(name).tensor().elements == wanted.view(name).tensor().elements)
        }
        // mergekit has no words for a model that lies nowhere.
        let files = try FileManager.default.contentsOfDirectory(atPath: output.path)
        #expect(!files.contains("mergekit_config.yml"))
        let ordinary = try Learning.run(
            learningRecipe(["parameters.steps=0"]),
            in: plain.url,
            workers: Workers(2)
        )
        for (one, other) in zip(result.evaluation, ordinary.evaluation) {
            #expect(one.scores["base"]?.loss == other.scores["base"]?.loss)
            #expect(one.scores["expert"]?.accuracy == other.scores["expert"]?.accuracy)
            #expect(one.scores["initial"]?.loss != other.scores["initial"]?.loss)
        }
    }

    @Test func `ends with the same bits when it is stopped and resumed`() throws {
        let (whole, parts) = (try ScratchDirectory(), try ScratchDirectory())
        let recipe = try recipe()
        let result = try Learning.run(recipe, in: whole.url, workers: Workers(1))
        #expect(result.coefficients.lambda.contains { $0.contains { $0 != 0 } })
        let count = Mutex(0)
        #expect(throws: ExperimentError.self) {
            try Learning.run(
                recipe,
                in: parts.url,
                workers: Workers(2),
                observer: Observer(
                    begin: { title, _ in if title == "learning" { count.withLock { $0 = 1 } } },
                    isCancelled: { count.withLock { $0 } > 0 }
                )
            )
        }
        let resumed = try Learning.run(recipe, in: parts.url, workers: Workers(2))
        #expect(resumed.coefficients == result.coefficients)
    }

    @Test func `takes no method that learns, and the options of the one it takes`() throws {
        for change in [
            "parameters.start={method: adamerging}", "parameters.start={method: regmean, beta: 1}",
            "parameters.start={method: regmeen}", "parameters.start=regmean",
        ] {
            #expect(throws: RecipeError.self, "\(change)") { try recipe([change]) }
        }
        let resolved = try recipe().resolvedYAML()
        #expect(resolved.contains("method: regmean"))
        let again = try Recipe(RecipeDocument(resolved), methods: MethodSignature.all)
        #expect(try again.learning == recipe().learning)
    }
}

@Suite struct `Coefficients from Gram matrices` {
    private func run(_ models: [Int]) throws -> Coefficients {
        let scratch = try ScratchDirectory()
        let root = Golden.repository.appending(path: "Tests/Fixtures/learn/bert").path
        let listed = models.enumerated().map { place, expert in
            // The same expert under two paths is two experts.
            "  - model: \(root)/\(place == 0 ? "" : "../bert/")expert-\(expert)"
        }
        let tasks = models.indices.map {
            "  - {name: task-\($0), data: \(root)/task-\(models[$0]).safetensors}"
        }
        let lines =
            ["merge_method: adamerging", "base_model: \(root)/base", "models:"] + listed
            + ["tasks:"] + tasks
            + ["parameters: {initial: gram, steps: 0, granularity: tensor}"]
        let recipe = try Recipe(
            RecipeDocument(lines.joined(separator: "\n")),
            methods: MethodSignature.all
        )
        return try Learning.run(recipe, in: scratch.url, workers: Workers(2)).coefficients
    }

    @Test func `take a single expert as it is`() throws {
        for row in try run([1]).lambda { #expect(abs(row[0] - 1) < 1e-4) }
    }

    @Test func `share between experts, and lessen the error of their outputs`() throws {
        let coefficients = try run([1, 2])
        for row in coefficients.lambda {
            #expect(row.allSatisfy { $0.isFinite && abs($0) < 2 })
        }
        #expect(coefficients.lambda.contains { abs($0[0] - $0[1]) > 1e-3 })
    }
}
