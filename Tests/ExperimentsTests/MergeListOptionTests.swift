import Checkpoints
import Experiments
import Foundation
import Merging
import Tensors
import Testing

@Suite struct `Options that are lists` {
    private func recipe(_ method: String, _ parameters: String) throws -> Recipe {
        let models = FixtureModels.experts.prefix(2).map { "  - model: \($0.path)\n" }
        return try Recipe(
            RecipeDocument(
                """
                merge_method: \(method)
                base_model: \(FixtureModels.base.path)
                models:
                \(models.joined())parameters: \(parameters)
                """
            ),
            methods: MethodSignature.all
        )
    }

    @Test(arguments: ["[embeddings.word_embeddings.weight]", "embeddings.word_embeddings.weight"])
    func `names of tensors are no gradient over the layers`(names: String) throws {
        let folder = try ModelFolder()
        let output = folder.file("merged")
        try Merge.run(recipe("iso_c", "{exclude_keys: \(names)}"), to: output, workers: .all)
        let name = "embeddings.word_embeddings.weight"
        let found = try Checkpoint(at: output).view(name).tensor()
        let experts = try FixtureModels.experts.prefix(2).map {
            try Checkpoint(at: $0).view(name).tensor()
        }
        let mean = (experts[0] + experts[1]) * 0.5
        #expect((found - mean).largestMagnitude < 1e-6)
    }

    @Test(arguments: [
        ("iso_c", "{exclude_keys: {a: 1}}", "a list of texts"),
        ("iso_c", "{scaling_factor: [a, b]}", "a number"),
        ("tsv_m", "{alpha: [0.5, often]}", "numbers"),
        ("wudi", "{iter_num: many}", "a number"),
    ])
    func `a value of another kind is refused, and what it must be is said`(
        method: String,
        parameters: String,
        expected: String
    ) throws {
        let error = #expect(throws: (any Error).self) { _ = try recipe(method, parameters) }
        #expect("\(try #require(error))".contains(expected), "\(String(describing: error))")
    }

    @Test(arguments: [
        ("tsv_m", "{alpha: [1, 2, 3]}", "alpha is a list of 3"),
        ("tsv_m", "{exclude_keys: [pooler]}", "exclude_keys is pooler"),
        ("iso_cts", "{common_space_fraction: 2}", "common_space_fraction"),
        ("doge_ta", "{K: 101}", "from 0 to 100"), ("wudi", "{iter_num: 1.5}", "a whole number"),
        ("knots", "{eps: -1}", "a number of at least 0"),
        ("svc_task_arithmetic", "{alpha: 0}", "above 0 and at most 1"),
    ])
    func `a value outside its range is refused before anything is written`(
        method: String,
        parameters: String,
        expected: String
    ) throws {
        let folder = try ModelFolder()
        let error = #expect(throws: (any Error).self) {
            try Merge.run(
                recipe(method, parameters),
                to: folder.file("merged"),
                workers: .all
            )
        }
        #expect("\(try #require(error))".contains(expected), "\(String(describing: error))")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }

    @Test func `the seed decides the order in which experts come`() throws {
        let folder = try ModelFolder()
        func merged(_ seed: UInt64, _ name: String) throws -> Data? {
            var recipe = Recipe(
                "opcm",
                base: FixtureModels.base,
                FixtureModels.experts,
                weights: [1, 1, 1]
            )
            for index in recipe.models.indices { recipe.models[index].parameters = [:] }
            recipe.seed = seed
            try Merge.run(recipe, to: folder.file(name), workers: Workers(2))
            return try contents(of: folder.file(name))["model.safetensors"]
        }
        let first = try merged(0, "a")
        #expect(try merged(0, "b") == first)
        let others = try (1...5).map { try merged(UInt64($0), "seed-\($0)") }
        #expect(others.contains { $0 != first })
    }
}
