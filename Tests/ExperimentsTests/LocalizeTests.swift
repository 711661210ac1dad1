import Checkpoints
import Experiments
import Foundation
import Merging
import Tensors
import Tasks
import TestSupport
import Testing

@Suite struct `Localize-and-Stitch with data` {
    private let root = Golden.repository.appending(path: "Tests/Fixtures/learn/bert").path

    private func recipe(_ changes: [String] = []) throws -> Recipe {
        let text = """
            merge_method: localize_and_stitch
            base_model: \(root)/base
            models:
              - model: \(root)/expert-1
              - model: \(root)/expert-2
            tasks:
              - {name: one, data: \(root)/task-1.safetensors}
              - {name: two, data: \(root)/task-2.safetensors}
            parameters: {epochs: 3, learning_rate: 1.0e+4, l1: 0.01, initial_sparsity: 0.01}
            """
        return try Recipe(
            RecipeDocument(text, overrides: changes),
            methods: MethodSignature.all
        )
    }

    @Test func `a step of scores is as worked by hand`() {
        // The card's numbers.
        let (scores, vector) = (Tensor([2], [5, -5]), Tensor([2], [0.5, 0.1]))
        let gradient = Tensor([2], [0.002, -0.004])
        var options = MaskLearner.Options()
        options.rate = 1e3
        for (regulariser, expected) in [
            (MaskLearner.Regulariser.l1, [4.986704, -5.003989] as [Float]),
            (.polarise, [5.000000, -5.003989]),
        ] {
            options.regulariser = regulariser
            let found = MaskLearner.updated(scores, vector: vector, gradient: gradient, options)
            for (x, y) in zip(found.elements, expected) { #expect(abs(x - y) < 2e-6) }
        }
    }

    @Test func `bits are kept as they are`() {
        let tensor = Tensor([11], [1, -1, 0, 2, 0.5, -3, 0, 0, 9, -9, 1e-30])
        let mask = BitMask(positive: tensor)
        #expect(mask.bytes == [0b0001_1001, 0b101])
        #expect(mask.elements(in: 0..<11).elements == [1, 0, 0, 1, 1, 0, 0, 0, 1, 0, 1])
        #expect(mask.elements(in: 7..<9).elements == [0, 1])
        #expect(BitMask(bytes: mask.bytes, count: 11) == mask)
        #expect(BitMask(bytes: mask.bytes, count: 17) == nil)
    }

    @Test func `is what the masks that it leaves say`() throws {
        let folder = try ModelFolder()
        let output = folder.file("merged")
        try Merge.run(recipe(), to: output, workers: Workers(2))
        let files = try (1...2).map {
            try StatisticsFile(contentsOf: folder.file("merged.run/expert-\($0).mask.safetensors"))
        }
        #expect(files.allSatisfy { $0.kind == .mask })
        let (found, base) = try (
            Checkpoint(at: output), Checkpoint(at: URL(filePath: "\(root)/base"))
        )
        let experts = try (1...2).map { try Checkpoint(at: URL(filePath: "\(root)/expert-\($0)")) }
        var kept = 0
        for name in files[0].names {
            let origin = try base.view(name).tensor().elements
            let masks = try files.map {
                try $0.mask(of: name, count: origin.count).elements(in: 0..<origin.count).elements
            }
            let vectors = try experts.map { expert in
                let spelled = expert.names.first { $0.hasSuffix(name) } ?? name
                return try zip(expert.view(spelled).tensor().elements, origin).map { $0 - $1 }
            }
            let merged = try found.view(name).tensor().elements
            for i in origin.indices {
                let marks = (0..<2).filter { masks[$0][i] == 1 && vectors[$0][i] != 0 }
                kept += marks.count
                let sum = marks.reduce(Float(0)) { $0 + vectors[$1][i] }
                let expected = origin[i] + (marks.isEmpty ? 0 : sum / Float(marks.count))
                #expect(abs(merged[i] - expected) < 1e-6, "\(name)")
            }
        }
        #expect(kept > 0)
    }

    @Test func `has the same masks for any number of workers, and learns them once`() throws {
        let folder = try ModelFolder()
        func masks(_ name: String, _ workers: Int) throws -> [Data] {
            try Merge.run(recipe(), to: folder.file(name), workers: Workers(workers))
            return try (1...2).map {
                try Data(contentsOf: folder.file("\(name).run/expert-\($0).mask.safetensors"))
            }
        }
        let (one, three) = try (masks("one", 1), masks("three", 3))
        #expect(one == three)
        let file = folder.file("one.run/expert-1.mask.safetensors")
        let date = try file.resourceValues(forKeys: [.contentModificationDateKey])
        try FileManager.default.removeItem(at: folder.file("one"))
        _ = try masks("one", 2)
        let again = try URL(filePath: file.path).resourceValues(
            forKeys: [.contentModificationDateKey]
        )
        #expect(date.contentModificationDate == again.contentModificationDate)
    }

    @Test func `learning lowers the loss of what is kept`() throws {
        // Where everything begins in, only what hurts is thrown out.
        func loss(_ changes: [String]) throws -> Double {
            let folder = try ModelFolder()
            let alone = [
                "models=[{model: \(root)/expert-1}]",
                "tasks=[{name: one, data: \(root)/task-1.safetensors}]", "parameters.l1=0",
            ]
            let recipe = try recipe(alone + changes)
            try Merge.run(recipe, to: folder.file("merged"), workers: Workers(2))
            let found = try Scoreboard.evaluate(
                [folder.file("merged").path],
                with: recipe,
                workers: Workers(2)
            )
            return try #require(found[0].scores["merged"]?.loss)
        }
        let untrained = try loss(["parameters.learning_rate=0"])
        let trained = try loss(["parameters.learning_rate=1.0e+5", "parameters.epochs=30"])
        #expect(trained < untrained)
    }

    @Test func `needs labels`() throws {
        let folder = try ModelFolder()
        let ids = try SafeTensors.Content.stored(
            Checkpoint(at: URL(filePath: "\(root)/task-1.safetensors")).view("input_ids")
        )
        let file = folder.file("unlabeled.safetensors")
        try SafeTensors.write([("input_ids", ids)], metadata: [:], to: file)
        let recipe = try recipe([
            "tasks=[{name: one, data: \(file.path)}, {name: two, data: \(root)/task-2.safetensors}]"
        ])
        #expect {
            try Merge.run(recipe, to: folder.file("merged"))
        } throws: { "\($0)".contains("label") }
    }
}
