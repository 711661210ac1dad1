import Checkpoints
import Experiments
import Foundation
import Merging
import Synchronization
import Tensors
import TestSupport
import Testing

@Suite struct `The directory of a merge` {
    private func recipe(_ folder: ModelFolder? = nil, base: URL? = nil) -> Recipe {
        Recipe(
            "task_arithmetic",
            base: base ?? FixtureModels.base,
            FixtureModels.experts,
            weights: [0.5, 0.3, -0.2]
        )
    }

    private func text(_ file: URL) throws -> String {
        try String(contentsOf: file, encoding: .utf8)
    }

    @Test func `names the format in its configuration, and changes nothing else there`() throws {
        let folder = try ModelFolder()
        let base = try folder.copy(FixtureModels.base, as: "base")
        let old = """
            {"dtype" :"float32","note":"\\"dtype\\": {[","inner":{"dtype":"float32"},
              "list":["dtype","torch_dtype"], "torch_dtype": "float32" , "hidden_act":"dtype","a":null}

            """
        try old.write(
            to: base.appending(path: "config.json"),
            atomically: true,
            encoding: .utf8
        )
        var recipe = recipe(base: base)
        try Merge.run(recipe, to: folder.file("same"))
        #expect(try text(folder.file("same/config.json")) == old)
        recipe.outDtype = .bfloat16
        try Merge.run(recipe, to: folder.file("other"))
        #expect(
            try text(folder.file("other/config.json")) == """
                {"dtype" :"bfloat16","note":"\\"dtype\\": {[","inner":{"dtype":"float32"},
                  "list":["dtype","torch_dtype"], "torch_dtype": "bfloat16" , "hidden_act":"dtype","a":null}

                """
        )
        #expect(
            try Checkpoint(at: folder.file("other")).view("pooler.dense.bias").dtype == .bfloat16
        )
    }

    @Test func `is spread over files, which hold the same`() throws {
        let folder = try ModelFolder()
        try Merge.run(recipe(), to: folder.file("one"))
        try Merge.run(recipe(), to: folder.file("many"), OutputOptions(shardLimit: 4000))
        let (one, many) = try (
            Checkpoint(at: folder.file("one")), Checkpoint(at: folder.file("many"))
        )
        #expect(many.files.count > 3)
        try expectEqual(many, one, within: Tolerance(absolute: 0))
    }

    @Test func `has the base's tokenizer, and a card that tells where it comes from`() throws {
        let folder = try ModelFolder()
        let base = try folder.copy(FixtureModels.base, as: "a | base")
        for name in ["tokenizer.json", "vocab.txt", "secret.txt"] {
            try Data(name.utf8).write(to: base.appending(path: name))
        }
        let output = folder.file("merged")
        let written = try Merge.run(
            recipe(base: base),
            to: output,
            command: ["merganser", "merge", "it's mine.yml", "merged"]
        )
        #expect(
            Set(try contents(of: output).keys) == [
                "README.md", "config.json", "mergekit_config.yml", "model.safetensors",
                "tokenizer.json", "vocab.txt",
            ]
        )
        let card = try text(output.appending(path: "README.md"))
        let hash = try SHA256Hash.ofFile(base.appending(path: "model.safetensors"))
        for line in [
            "base_model: [a | base, expert-0, expert-1, expert-2]\nbase_model_relation: merge\n",
            "library_name: transformers\n", "tags: [merganser, merge]\n",
            "| a \\| base/model.safetensors | `\(hash)` |\n",
            "merganser merge 'it'\\''s mine.yml' merged\n", "arXiv:2212.04089",
            "merge_method: task_arithmetic\n",
        ] {
            #expect(card.contains(line), "\(line)")
        }
        #expect(card.hasPrefix("---\n"))
        #expect(written.inputs.count == 8)
        let checkpoint = try Checkpoint(at: base)
        let counts = try checkpoint.names.map { try checkpoint.view($0).count }
        #expect(written.elements == counts.reduce(0, +))
    }

    @Test func `shows the scores of a learned merge`() throws {
        let folder = try ModelFolder()
        let recipe = Recipe(
            mergeMethod: "adamerging",
            baseModel: ModelReference(FixtureModels.base),
            models: FixtureModels.experts.map { RecipeModel(ModelReference($0)) },
            learning: LearningParameters()
        )
        let setup = try MergeSetup(recipe)
        let scores = """
            [{"task": "role", "split": "test", "examples": 400, "transductive": false,
              "base": {"accuracy": 0.125, "entropy": 1, "examples": 400},
              "merged": {"accuracy": 0.8149, "entropy": 1, "examples": 400}}]
            """
        try Export.write(
            Coefficients(
                .task,
                models: setup.pool.experts,
                parameters: setup.pool.parameters.map(\.name),
                initial: 0.3
            ),
            of: setup,
            to: folder.file("merged"),
            results: JSONDecoder().decode([TaskEvaluation].self, from: Data(scores.utf8))
        )
        let card = try text(folder.file("merged/README.md"))
        #expect(card.contains("| task | split | examples | base | merged |\n"))
        #expect(card.contains("| role | test | 400 | 12.5 | 81.5 |\n"))
        #expect(card.contains("`mergekit_config.yml` says"))
        #expect(try text(folder.file("merged/mergekit_config.yml")).contains("weight: 0.3\n"))
    }

    @Test func `replaces nothing unless told to`() throws {
        let folder = try ModelFolder()
        let output = folder.file("merged")
        try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
        try Data("precious".utf8).write(to: output.appending(path: "file"))
        #expect(throws: CheckpointError.self) { try Merge.run(recipe(), to: output) }
        #expect(try contents(of: output).keys.sorted() == ["file"])
        try Merge.run(recipe(), to: output, OutputOptions(replacing: .always))
        #expect(try contents(of: output)["model.safetensors"] != nil)
    }

    @Test(arguments: [0, 1, 9, 25])
    func `is not there at all when the merge is stopped`(after pieces: Int) throws {
        let folder = try ModelFolder()
        let count = Mutex(0)
        let observer = Observer(
            advance: { units in count.withLock { $0 += units } },
            isCancelled: { count.withLock { $0 } >= pieces }
        )
        let output = folder.file("merged")
        #expect(throws: ExportError.interrupted(output: output.path)) {
            try Merge.run(recipe(), to: output, observer: observer)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }

    @Test func `is refused for what this version cannot merge`() throws {
        let folder = try ModelFolder()
        #expect(throws: MergeError.learnedMethod("adamerging")) {
            try Merge.run(
                Recipe(
                    "adamerging",
                    base: FixtureModels.base,
                    FixtureModels.experts,
                    weights: [1, 1, 1]
                ),
                to: folder.file("merged")
            )
        }
    }
}
