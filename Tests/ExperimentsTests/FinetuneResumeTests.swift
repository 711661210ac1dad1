import Checkpoints
import Experiments
import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct `A run of fine-tuning` {
    private static let weights = ["model.safetensors", "adapter_model.safetensors"]
    private static let adapters = [nil, FinetuneFixture.lora]

    @Test(arguments: [0, 1])
    func `ends with the same bits on any number of workers`(kind: Int) throws {
        let fixture = try FinetuneFixture()
        let recipe = FinetuneFixture.recipe(lora: Self.adapters[kind])
        let outputs = try [1, 2, 3].map { count in
            let output = fixture.file("\(count)")
            _ = try Finetuning.run(recipe, output: output, workers: Workers(count))
            return try bytes(output.appending(path: Self.weights[kind]))
        }
        #expect(outputs[0] == outputs[1])
        #expect(outputs[0] == outputs[2])
    }

    @Test(arguments: [0, 1])
    func `ends with the same bits wherever it was stopped`(kind: Int) throws {
        let fixture = try FinetuneFixture()
        let recipe = FinetuneFixture.recipe(lora: Self.adapters[kind], steps: 4)
        let whole = fixture.file("whole")
        let expected = try Finetuning.run(recipe, output: whole, workers: Workers(2))
        for steps in 1...4 {
            let output = fixture.file("stopped-\(steps)")
            let partial = fixture.file("stopped-\(steps).partial").path
            #expect(throws: ExperimentError.interrupted(step: steps, directory: partial)) {
                try Finetuning.run(recipe, output: output, observer: stopping(after: steps))
            }
            #expect(!FileManager.default.fileExists(atPath: output.path))
            let result = try Finetuning.run(recipe, output: output, workers: Workers(1))
            #expect(result.scores == expected.scores)
            for file in [Self.weights[kind], "config.json", "README.md"] {
                let found = try bytes(output.appending(path: file))
                #expect(try found == bytes(whole.appending(path: file)), "\(file), step \(steps)")
            }
            #expect(!FileManager.default.fileExists(atPath: partial))
        }
    }

    @Test func `is not continued with another recipe`() throws {
        let fixture = try FinetuneFixture()
        let output = fixture.file("model")
        #expect(throws: ExperimentError.self) {
            try Finetuning.run(
                FinetuneFixture.recipe(),
                output: output,
                observer: stopping(after: 1)
            )
        }
        let error = #expect(throws: ExperimentError.self) {
            try Finetuning.run(FinetuneFixture.recipe(steps: 5), output: output)
        }
        #expect("\(try #require(error))".contains("parameters.steps"))
    }

    @Test func `is not continued with other data`() throws {
        let fixture = try FinetuneFixture()
        let data = fixture.file("data.safetensors")
        try FileManager.default.copyItem(at: FinetuneFixture.inputs, to: data)
        let recipe = FinetuneFixture.recipe(base: FinetuneFixture.base, data: data)
        let output = fixture.file("model")
        #expect(throws: ExperimentError.self) {
            try Finetuning.run(recipe, output: output, observer: stopping(after: 1))
        }
        let old = try Checkpoint(at: data)
        let tensors = try old.names.map { name in
            (name: name, content: SafeTensors.Content.stored(try old.view(name)))
        }
        try SafeTensors.write(tensors, metadata: ["changed": "yes"], to: data)
        #expect(
            throws: ExperimentError.changedInput(
                file: data.resolvingSymlinksInPath().path,
                directory: fixture.file("model.partial").path
            )
        ) { try Finetuning.run(recipe, output: output) }
    }

    @Test func `does not touch an output that is there`() throws {
        let fixture = try FinetuneFixture()
        let output = fixture.file("model")
        try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
        try AtomicFile.write("mine", to: output.appending(path: "notes.txt"))
        #expect(throws: CheckpointError.occupied(directory: output.path)) {
            try Finetuning.run(FinetuneFixture.recipe(), output: output)
        }
        #expect(!FileManager.default.fileExists(atPath: fixture.file("model.partial").path))
    }

    @Test func `does not write where a file is`() throws {
        let fixture = try FinetuneFixture()
        let output = fixture.file("model")
        try AtomicFile.write("mine", to: output)
        #expect(throws: CheckpointError.notADirectory(file: output.path)) {
            try Finetuning.run(FinetuneFixture.recipe(), output: output)
        }
    }

    @Test func `that saved nothing yet may begin again with another recipe`() throws {
        let fixture = try FinetuneFixture()
        let output = fixture.file("model")
        let partial = fixture.file("model.partial")
        try FileManager.default.createDirectory(at: partial, withIntermediateDirectories: true)
        let other = FinetuneFixture.recipe(steps: 9)
        try AtomicFile.write(other.resolvedYAML(), to: partial.appending(path: "recipe.yml"))
        let result = try Finetuning.run(FinetuneFixture.recipe(), output: output)
        #expect(result.steps == 3)
    }
}
