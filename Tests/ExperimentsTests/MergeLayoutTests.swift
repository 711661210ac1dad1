import Checkpoints
import Experiments
import Foundation
import Merging
import TestSupport
import Tensors
import Testing

@Suite struct `The files of a merge` {
    private func recipe(_ base: URL, _ experts: [URL]) -> Recipe {
        Recipe("task_arithmetic", base: base, experts, weights: [0.5, 0.3])
    }

    /// A model whose configuration says whether its embeddings are tied, with its output's weights.
    private func model(
        _ source: URL,
        as name: String,
        tied: Bool,
        withHead: Bool,
        in folder: ModelFolder
    ) throws -> URL {
        let table = "embeddings.word_embeddings.weight"
        let weights = try Checkpoint(at: source).view(table).tensor()
        let copy = try folder.copy(
            source,
            as: name,
            adding: withHead ? [(name: "lm_head.weight", content: .floats(weights))] : []
        ) { .stored($0) }
        let configuration = #"{"model_type": "bert", "tie_word_embeddings": \#(tied)}"#
        try Data(configuration.utf8).write(to: copy.appending(path: "config.json"))
        return copy
    }

    @Test(arguments: [true, false])
    func `have the output's weights where the base has them, tied or not`(withHead: Bool) throws {
        let folder = try ModelFolder()
        let models = try ([FixtureModels.base] + FixtureModels.experts.prefix(2)).enumerated().map {
            try model($1, as: "model-\($0)", tied: true, withHead: withHead, in: folder)
        }
        let output = folder.file("merged")
        try Merge.run(recipe(models[0], Array(models.dropFirst())), to: output)
        let merged = try Checkpoint(at: output)
        #expect(merged.names == (try Checkpoint(at: models[0])).names)
        #expect(merged.names.contains("lm_head.weight") == withHead)
        guard withHead else { return }
        let table = try merged.view("embeddings.word_embeddings.weight").tensor()
        // What was tied is still equal.
        #expect(try merged.view("lm_head.weight").tensor().elements == table.elements)
    }

    @Test func `gain no output's weights from an expert that has them`() throws {
        let folder = try ModelFolder()
        let base = try model(
            FixtureModels.base,
            as: "base",
            tied: true,
            withHead: false,
            in: folder
        )
        let experts = try FixtureModels.experts.prefix(2).enumerated().map {
            try model($1, as: "expert-\($0)", tied: true, withHead: true, in: folder)
        }
        try Merge.run(recipe(base, experts), to: folder.file("merged"))
        #expect(
            try Checkpoint(at: folder.file("merged")).names == Checkpoint(at: base).names
        )
    }

    @Test(arguments: [1, 700, 4000, 9000, 1_000_000])
    func `in any number merge to the same bytes`(limit: Int) throws {
        let folder = try ModelFolder()
        let experts = Array(FixtureModels.experts.prefix(2))
        try Merge.run(recipe(FixtureModels.base, experts), to: folder.file("one"))
        try Merge.run(
            recipe(FixtureModels.base, experts),
            to: folder.file("many"),
            OutputOptions(shardLimit: limit)
        )
        let files = try Checkpoint(at: folder.file("many")).files
        #expect((files.count > 1) == (limit < 20_000))
        for file in files where limit > 2000 {
            let size = try Checkpoint(at: file).names.reduce(0) {
                $0 + (try Checkpoint(at: file).view($1).byteCount)
            }
            #expect(size <= limit)
        }
        // As base, and as expert.
        for (base, model) in [("one", "many"), ("many", "one")] {
            try Merge.run(
                recipe(folder.file(base), [folder.file(model), experts[0]]),
                to: folder.file("again-\(base)")
            )
        }
        try Merge.run(
            recipe(folder.file("one"), [folder.file("one"), experts[0]]),
            to: folder.file("again")
        )
        let expected = try contents(of: folder.file("again"))["model.safetensors"]
        for name in ["again-one", "again-many"] {
            #expect(try contents(of: folder.file(name))["model.safetensors"] == expected)
        }
    }

    @Test func `lack no vocabulary, unless the tokenizer is left out`() throws {
        let folder = try ModelFolder()
        let base = try folder.copy(FixtureModels.base, as: "base")
        let files = [
            "tokenizer_config.json": #"{"tokenizer_class": "BertTokenizer"}"#,
            "preprocessor_config.json": "{}", "generation_config.json": "{}",
        ]
        for (name, text) in files { try Data(text.utf8).write(to: base.appending(path: name)) }
        let recipe = recipe(base, Array(FixtureModels.experts.prefix(2)))
        let output = folder.file("merged")
        #expect(
            throws: CheckpointError.missingCompanions(
                directory: base.path,
                [
                    .noVocabulary(
                        tokenizer: "BertTokenizer",
                        file: "tokenizer_config.json",
                        expected: ["tokenizer.json", "vocab.txt"]
                    )
                ]
            )
        ) { try Merge.run(recipe, to: output) }
        #expect(!FileManager.default.fileExists(atPath: output.path))
        try Merge.run(recipe, to: output, OutputOptions(copiesTokenizer: false))
        #expect(
            Set(try contents(of: output).keys) == [
                "README.md", "config.json", "mergekit_config.yml", "model.safetensors",
                "preprocessor_config.json", "generation_config.json",
            ]
        )
    }

    @Test(arguments: [
        ("1", 1), ("500", 500), ("2k", 2000), ("500M", 500_000_000), ("5GB", 5_000_000_000),
        ("5gb", 5_000_000_000), ("5B", 5_000_000_000), ("1.5M", 1_500_000),
        ("2T", 2_000_000_000_000),
    ])
    func `have a size that people can write`(text: String, bytes: Int) {
        #expect(ShardSize(text)?.bytes == bytes)
    }

    @Test(arguments: ["", "0", "-5", "M", "5X", "5 GB", "1e9", "1.2.3M", "0.1", "٥M", "9999999T"])
    func `have no size that is none`(text: String) {
        #expect(ShardSize(text) == nil)
    }
}
