import Checkpoints
import Experiments
import Foundation
import Tensors
import TestSupport
import Testing

/// What `scripts/peers/dump_finetune.py` wrote down.
private struct FinetuneCase: Decodable {
    struct Course: Decodable { var losses, gradient_norms, rates: [Double] }
    var full, lora: Course
    var tolerance: Tolerance
}

@Suite struct `Fine-tuning agrees with PyTorch` {
    private let reference: ReferenceCase

    init() throws {
        reference = try #require(ReferenceCase.all("finetune") { $0 == "bert" }.first)
    }

    @Test func `in every parameter after three steps`() throws {
        let fixture = try FinetuneFixture()
        let output = fixture.file("model")
        let recipe = FinetuneFixture.recipe()
        let result = try Finetuning.run(recipe, output: output, workers: Workers(2))

        let expected = try reference.tensors("expected_full.safetensors")
        let found = try Checkpoint(at: output)
        #expect(Set(found.names) == Set(expected.names))
        try compare(expected.names, expected, in: found) { $0 }
        try compare(reference.json(FinetuneCase.self).full, with: output)
        #expect(
            result.parameters == (try expected.names.reduce(0) { try $0 + expected.view($1).count })
        )
    }

    @Test func `in every matrix of an adapter after three steps`() throws {
        let fixture = try FinetuneFixture()
        let output = fixture.file("adapter")
        let recipe = FinetuneFixture.recipe(lora: FinetuneFixture.lora)
        try begin(recipe, at: output, from: reference.tensors("adapter.safetensors"))
        let result = try Finetuning.run(recipe, output: output, workers: Workers(2))

        let expected = try reference.tensors("expected_adapter.safetensors")
        let found = try Checkpoint(at: output.appending(path: "adapter_model.safetensors"))
        #expect(found.names.count == expected.names.count)
        try compare(expected.names, expected, in: found) { "base_model.model.\($0)" }
        try compare(reference.json(FinetuneCase.self).lora, with: output)
        #expect(result.seen == 6, "the only split is learned from and scored")
    }

    /// Lays down the state of a run that has not made a step yet, with the fixture's A and B.
    private func begin(_ recipe: FinetuneRecipe, at output: URL, from start: Checkpoint) throws {
        let partial = output.deletingLastPathComponent()
            .appending(path: output.lastPathComponent + ".partial")
        try FileManager.default.createDirectory(at: partial, withIntermediateDirectories: true)
        try AtomicFile.write(recipe.resolvedYAML(), to: partial.appending(path: "recipe.yml"))
        try SafeTensors.write(
            start.names.flatMap { name -> [(name: String, content: SafeTensors.Content)] in
                let tensor = try start.view(name).tensor()
                let zeros = SafeTensors.Content.floats(.zeros(tensor.shape))
                return [
                    ("value.\(name)", .floats(tensor)), ("first.\(name)", zeros),
                    ("second.\(name)", zeros),
                ]
            },
            metadata: ["step": "0"],
            to: partial.appending(path: "state.safetensors")
        )
    }

    private func compare(
        _ names: [String],
        _ expected: Checkpoint,
        in found: Checkpoint,
        _ written: (String) -> String
    ) throws {
        let tolerance = try reference.json(FinetuneCase.self).tolerance
        for name in names {
            let excess = tolerance.excess(
                of: try found.view(written(name)).tensor().elements,
                over: try expected.view(name).tensor().elements
            )
            #expect(excess <= 0, "\(name)")
        }
    }

    private func compare(_ course: FinetuneCase.Course, with output: URL) throws {
        let file = output.appending(path: "history.jsonl")
        let records = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(FinetuneRecord.self, from: Data($0.utf8))
        }
        #expect(records.map(\.step) == [0, 1, 2])
        // Float32 against float64, relative to numbers of order 1 to 10.
        for (record, step) in zip(records, records.indices) {
            #expect(abs(record.loss - course.losses[step]) < 1e-5)
            #expect(abs(record.gradientNorm / course.gradient_norms[step] - 1) < 1e-5)
            #expect(abs(record.rate / course.rates[step] - 1) < 1e-6)
        }
    }
}
