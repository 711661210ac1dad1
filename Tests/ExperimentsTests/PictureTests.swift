import Checkpoints
import Experiments
import Foundation
import Merging
import Synchronization
import Tasks
import Tensors
import TestSupport
import Testing

/// A tiny ViT without weights, and pictures of two kinds that are told apart by one half of them.
private struct PictureTask {
    let fixture: FinetuneFixture
    let model: URL

    init() throws {
        fixture = try FinetuneFixture()
        model = fixture.file("vit")
        try FileManager.default.createDirectory(at: model, withIntermediateDirectories: true)
        try AtomicFile.write(
            """
            {"architectures": ["ViTModel"], "model_type": "vit", "hidden_size": 16,
             "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32,
             "image_size": 8, "patch_size": 4}
            """,
            to: model.appending(path: "config.json")
        )
        try AtomicFile.write(
            """
            {"image_processor_type": "ViTImageProcessor", "size": {"height": 8, "width": 8}}
            """,
            to: model.appending(path: "preprocessor_config.json")
        )
    }

    /// IDX files of pictures whose `half` is bright where the label is 1.
    func data(_ name: String, bright half: (_ row: Int, _ column: Int) -> Bool) throws -> URL {
        let folder = fixture.file(name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (set, count) in [("train", 64), ("t10k", 32)] {
            var generator = SeededGenerator(seed: 5, name, count)
            var (pixels, labels): ([UInt8], [UInt8]) = ([], [])
            for _ in 0..<count {
                let label = generator.uniform() < 0.5
                labels.append(label ? 1 : 0)
                for row in 0..<8 {
                    for column in 0..<8 {
                        let noise = UInt8(generator.uniform() * 90)
                        pixels.append(label && half(row, column) ? 160 + noise : noise)
                    }
                }
            }
            let size = UInt8(count)
            try Data([0, 0, 8, 3, 0, 0, 0, size, 0, 0, 0, 8, 0, 0, 0, 8] + pixels)
                .write(to: folder.appending(path: "\(set)-images-idx3-ubyte"))
            try Data([0, 0, 8, 1, 0, 0, 0, size] + labels)
                .write(to: folder.appending(path: "\(set)-labels-idx1-ubyte"))
        }
        return folder
    }

    func recipe(base: URL, data: URL, steps: Int) -> FinetuneRecipe {
        var recipe = FinetuneFixture.recipe(base: base, data: data, steps: steps)
        recipe.batchSize = 16
        recipe.optimizer.learningRate = 1e-2
        return recipe
    }
}

@Suite struct `Pictures` {
    @Test func `are learned from scratch, by experts, and by the coefficients that merge these`()
        throws
    {
        let task = try PictureTask()
        let upper = try task.data("upper") { row, _ in row < 4 }
        let left = try task.data("left") { _, column in column < 4 }
        let base = task.fixture.file("base")
        let first = try Finetuning.run(
            task.recipe(base: task.model, data: upper, steps: 40),
            output: base,
            workers: Workers(2)
        )
        #expect((first.scores.accuracy ?? 0) > 0.9)
        let weights = try Checkpoint(at: base)
        #expect(weights["vit.embeddings.cls_token"]?.shape == [1, 1, 16])
        for (name, data) in [("expert-1", upper), ("expert-2", left)] {
            let result = try Finetuning.run(
                task.recipe(base: base, data: data, steps: 20),
                output: task.fixture.file(name),
                workers: Workers(2)
            )
            #expect((result.scores.accuracy ?? 0) > 0.9)
        }

        let recipe = try Recipe(
            RecipeDocument(
                """
                merge_method: adamerging
                base_model: \(base.path)
                models:
                  - model: \(task.fixture.file("expert-1").path)
                  - model: \(task.fixture.file("expert-2").path)
                tasks:
                  - {name: upper, data: \(upper.path), adapt: "test[:16]"}
                  - {name: left, data: \(left.path), adapt: "test[:16]"}
                parameters: {steps: 4, batch_size: 8, learning_rate: 0.01}
                """
            ),
            methods: MethodSignature.all
        )
        let results = try [1, 3].map { workers in
            try Learning.run(
                recipe,
                in: task.fixture.file("run-\(workers)"),
                workers: Workers(workers)
            )
        }
        #expect(results[0].coefficients.lambda == results[1].coefficients.lambda)
        #expect(results[0].coefficients.lambda.flatMap(\.self).contains { $0 != 0.3 })
        let entries = results[0].evaluation
        #expect(entries.map(\.transductive) == [false, true, false, true])
        #expect(entries.allSatisfy { $0.examples == 16 && $0.scores.count == 4 })
        // The merge was learned without labels: nothing else is in its files.
        let lock = try String(
            contentsOf: task.fixture.file("run-1").appending(path: "lock.json"),
            encoding: .utf8
        )
        #expect(lock.contains("t10k-images-idx3-ubyte"))
        #expect(lock.contains("preprocessor_config.json"))

        // What is exported with a head answers as the run does.
        let merged = task.fixture.file("merged")
        _ = try Export.run(
            RunDirectory(task.fixture.file("run-1")),
            task: "left",
            to: merged,
            command: [],
            workers: Workers(1)
        )
        let scores = try Scoreboard.evaluate([merged.path], with: recipe, workers: Workers(2))
        for (score, entry) in zip(scores, entries) {
            #expect(score.scores["merged"] == entry.scores["merged"])
        }
        #expect(
            FileManager.default.fileExists(
                atPath: merged.appending(path: "preprocessor_config.json").path
            )
        )
    }

    @Test func `in folders are fine-tuned on, without those that are broken`() throws {
        let task = try PictureTask()
        let photographs = Golden.repository.appending(path: "Tests/Fixtures/image/sources")
        let data = task.fixture.file("photographs")
        for split in ["train", "test"] {
            for (kind, source) in [("grey", "gray.png"), ("wide", "wide.png")] {
                let folder = data.appending(path: "\(split)/\(kind)")
                try FileManager.default.createDirectory(
                    at: folder,
                    withIntermediateDirectories: true
                )
                try FileManager.default.copyItem(
                    at: photographs.appending(path: source),
                    to: folder.appending(path: "1.png")
                )
            }
        }
        try AtomicFile.write("broken", to: data.appending(path: "train/grey/0.png"))
        var recipe = task.recipe(base: task.model, data: data, steps: 2)
        #expect(throws: DataError.self) {
            try Finetuning.run(recipe, output: task.fixture.file("strict"), workers: Workers(1))
        }
        recipe.task.data.skipBroken = true
        let warnings = Mutex<[String]>([])
        let result = try Finetuning.run(
            recipe,
            output: task.fixture.file("lenient"),
            workers: Workers(1),
            observer: Observer(warn: { text in warnings.withLock { $0.append(text) } })
        )
        #expect(result.classes == ["grey", "wide"])
        #expect(result.scores.examples == 2)
        #expect(
            warnings.withLock { $0 }.contains {
                $0 == "1 of the 3 pictures of train cannot be read and are left out."
            }
        )
    }

    @Test func `need weights for an adapter, and a processor for files`() throws {
        let task = try PictureTask()
        let upper = try task.data("upper") { row, _ in row < 4 }
        var recipe = task.recipe(base: task.model, data: upper, steps: 1)
        recipe.lora = LowRankParameters()
        #expect(throws: FinetuneError.self) {
            try Finetuning.run(recipe, output: task.fixture.file("a"), workers: Workers(1))
        }
        try FileManager.default.removeItem(
            at: task.model.appending(path: "preprocessor_config.json")
        )
        recipe.lora = nil
        #expect(throws: DataError.self) {
            try Finetuning.run(recipe, output: task.fixture.file("b"), workers: Workers(1))
        }
    }
}
