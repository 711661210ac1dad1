import Autograd
import Checkpoints
import Experiments
import Foundation
import Tasks
import Tensors
import TestSupport
import Testing
import Transformers

extension ForwardPass {
    fileprivate init(
        of model: URL,
        on inputs: URL,
        workers: Workers = Workers(2),
        base: String? = nil
    ) throws {
        let model = try RunnableModel(opening: model.path, base: base)
        let inputs = try ForwardInputs(DataSource(path: inputs), for: model, workers: workers)
        self.init(model, on: inputs, workers: workers)
    }
}

@Suite struct `Forward writes what transformers computes` {
    let folder: WorkingFolder

    init() throws { folder = try WorkingFolder() }

    private func compare(_ file: URL, with reference: ReferenceCase) throws {
        let facts = try reference.forwardFacts()
        let found = try Checkpoint(at: file)
        let expected = try reference.tensors("expected.safetensors")
        let inputs = try reference.tensors("inputs.safetensors")
        #expect(Set(found.names) == Set(expected.names))
        for name in expected.names {
            let view = try expected.view(name)
            let output = try found.view(name)
            #expect(output.shape == view.shape && output.dtype == .float32)
            var (wanted, value) = try (view.tensor(), output.tensor())
            if let mask = try facts.outputs[name]?.rows_where.map({ try inputs.view($0) }) {
                let width = view.shape[2]
                let visible = try mask.integers()
                let kept = visible.indices.filter { visible[$0] == 1 }.map(Int32.init)
                let hidden = visible.indices.filter { visible[$0] == 0 }.map(Int32.init)
                let rows = value.reshaped([value.count / width, width])
                #expect(rows.rows(hidden).largestMagnitude == 0, "padding is zero")
                wanted = wanted.reshaped([wanted.count / width, width]).rows(kept)
                value = rows.rows(kept)
            }
            let excess = facts.tolerance.excess(of: value.elements, over: wanted.elements)
            #expect(excess <= 0, "\(name) is off by \(excess) more than allowed")
        }
    }

    @Test(arguments: ReferenceCase.forward)
    func outputs(of reference: ReferenceCase) throws {
        let pass = try ForwardPass(
            of: reference.directory,
            on: reference.file("inputs.safetensors")
        )
        let result = try pass.run(to: folder["outputs.safetensors"])
        let expected = try reference.tensors("expected.safetensors")
        for output in result.outputs {
            #expect(output.shape == (try expected.view(output.name).shape))
        }
        try compare(folder["outputs.safetensors"], with: reference)
    }

    @Test(arguments: ReferenceCase.forward.filter(\.hasGradient))
    func gradients(of reference: ReferenceCase) throws {
        let facts = try #require(try reference.forwardFacts().gradient)
        let isCotangent = facts.objective == "inner_product"
        let pass = try ForwardPass(
            of: reference.directory,
            on: reference.file("inputs.safetensors")
        )
        let result = try pass.run(
            to: folder["outputs.safetensors"],
            gradients: folder["gradients.safetensors"],
            cotangent: isCotangent ? reference.file("cotangent.safetensors") : nil
        )
        try compare(folder["outputs.safetensors"], with: reference)
        let objective = try #require(result.objective)
        #expect(objective.name == facts.objective)
        #expect(abs(objective.value - facts.value) < 1e-4 * max(1, abs(facts.value)))
        let found = try Checkpoint(at: folder["gradients.safetensors"])
        let expected = try reference.tensors("expected_gradients.safetensors")
        #expect(Set(found.names) == Set(expected.names))
        for view in try expected.views(expected.names) {
            let (wanted, gradient) = try (view.tensor(), found.view(view.name))
            #expect(gradient.shape == view.shape)
            let limit = Tolerance(
                absolute: facts.tolerance.of_tensor_largest * Double(wanted.largestMagnitude)
                    + facts.tolerance.of_largest * facts.largest
            )
            let excess = limit.excess(of: try gradient.tensor().elements, over: wanted.elements)
            #expect(excess <= 0, "the gradient of \(view.name) is off by \(excess) too much")
        }
    }

    @Test func `an adapter runs on the base that it names, with its own head`() throws {
        let reference = ReferenceCase.all("adapter") { $0 == "bert" }[0]
        let pass = try ForwardPass(
            of: reference.file("adapter"),
            on: reference.file("inputs.safetensors")
        )
        let result = try pass.run(
            to: folder["outputs.safetensors"],
            gradients: folder["gradients.safetensors"]
        )
        try compare(folder["outputs.safetensors"], with: reference)
        #expect(result.architecture == "BertForSequenceClassification")
        // The merged weights' gradients, under the names and shapes of base and head.
        let base = try Checkpoint(at: reference.file("base"))
        let gradients = try Checkpoint(at: folder["gradients.safetensors"])
        #expect(Set(gradients.names).isSuperset(of: base.names))
        #expect(try gradients.view("classifier.weight").shape[0] == 3)
        #expect(try gradients.view("classifier.weight").tensor().largestMagnitude > 0)
    }

    @Test(
        .enabled(if: Golden.directory != nil, "reference cases are absent; only fixtures are run")
    )
    func `the reference cases are present`() { #expect(ReferenceCase.forward.count >= 14) }
}

@Suite struct `A forward pass` {
    let folder: WorkingFolder
    private let classifier = ReferenceCase.all("forward") { $0 == "bert" }[0]
    private let encoder = ReferenceCase.all("forward") { $0 == "bert-model" }[0]

    init() throws { folder = try WorkingFolder() }

    private func elements(_ file: URL, _ name: String) throws -> [Float] {
        try Checkpoint(at: file).view(name).tensor().elements
    }

    @Test func `gives the same bytes for any number of workers`() throws {
        let rows: [[Int64]] = (0..<200).map { row in
            (0..<7).map { (place: Int) -> Int64 in
                let id = (row * 7 + place * 3) % 40 + 4
                return Int64(id)
            }
        }
        let inputs = try folder.write(tokens: rows)
        var files: [[Data]] = []
        for count in [1, 2, 5] {
            let pass = try ForwardPass(
                of: classifier.directory,
                on: inputs,
                workers: Workers(count)
            )
            let (outputs, gradients) = (folder["outputs"], folder["gradients"])
            _ = try pass.run(to: outputs, gradients: gradients)
            files.append(try [Data(contentsOf: outputs), Data(contentsOf: gradients)])
        }
        #expect(files[1] == files[0])
        #expect(files[2] == files[0])
    }

    @Test func `puts every example in its place, however many there are`() throws {
        // More than are held at a time, of different lengths, so that they are computed out of order.
        let lengths = (0..<1100).map { $0 * 7 % 5 + 1 }
        let mask: [[Int64]] = lengths.map { length in (0..<5).map { $0 < length ? 1 : 0 } }
        let rows: [[Int64]] = lengths.map { length in
            (0..<5).map { place in place < length ? Int64(4 + place + length) : 0 }
        }
        let all = folder["all"]
        let inputs = try folder.write(tokens: rows, mask: mask)
        _ = try ForwardPass(of: encoder.directory, on: inputs).run(to: all)
        for example in [0, 1023, 1024, 1099] {
            let inputs = try folder.write(tokens: [rows[example]], mask: [mask[example]])
            _ = try ForwardPass(of: encoder.directory, on: inputs).run(to: folder["one"])
            for name in ["last_hidden_state", "pooler_output"] {
                let one = try elements(folder["one"], name)
                let range = example * one.count..<(example + 1) * one.count
                let found = try elements(all, name)[range]
                let tolerance = Tolerance(absolute: 1e-6, relative: 1e-5)
                #expect(tolerance.excess(of: Array(found), over: one) <= 0)
            }
        }
    }

    @Test func `runs pictures in pieces, whose outputs stand in their places`() throws {
        let tower = try #require(
            ReferenceCase.forward.first { $0.directory.lastPathComponent == "vit-model" }
        )
        // 10 tokens a picture: three pieces.
        let pixels = Tensor(
            [120, 3, 12, 12],
            (0..<120 * 432).map { Float($0 * 37 % 101) / 50 - 1 }
        )
        let inputs = folder["pictures.safetensors"]
        try SafeTensors.write([("pixel_values", .floats(pixels))], to: inputs)
        var files: [Data] = []
        for count in [1, 3] {
            let pass = try ForwardPass(of: tower.directory, on: inputs, workers: Workers(count))
            let result = try pass.run(to: folder["all"])
            #expect(result.examples == 120 && result.tokens == 1200)
            files.append(try Data(contentsOf: folder["all"]))
        }
        #expect(files[0] == files[1])
        let last = folder["last.safetensors"]
        let one = pixels.rows([119])
        try SafeTensors.write([("pixel_values", .floats(one))], to: last)
        _ = try ForwardPass(of: tower.directory, on: last).run(to: folder["one"])
        for name in ["last_hidden_state", "pooler_output"] {
            let wanted = try elements(folder["one"], name)
            let found = try elements(folder["all"], name).suffix(wanted.count)
            let tolerance = Tolerance(absolute: 1e-6, relative: 1e-5)
            #expect(tolerance.excess(of: Array(found), over: wanted) <= 0)
        }
    }

    @Test func `refuses pictures for a model of texts`() throws {
        let inputs = folder["pictures.safetensors"]
        let pixels = SafeTensors.Content.floats(.zeros([1, 3, 12, 12]))
        try SafeTensors.write([("pixel_values", pixels)], to: inputs)
        #expect(throws: ModelInputError.expectsTokens) {
            try ForwardPass(of: encoder.directory, on: inputs)
        }
    }

    @Test func `writes zeros where there is padding, on either side`() throws {
        let inputs = try folder.write(
            tokens: [[0, 0, 5, 6], [5, 6, 0, 0]],
            mask: [[0, 0, 1, 1], [1, 1, 0, 0]]
        )
        _ = try ForwardPass(of: encoder.directory, on: inputs).run(to: folder["outputs"])
        let view = try Checkpoint(at: folder["outputs"]).view("last_hidden_state")
        let rows = try view.tensor().reshaped([8, view.shape[2]])
        for (row, isToken) in [false, false, true, true, true, true, false, false].enumerated() {
            #expect((rows.rows([Int32(row)]).largestMagnitude > 0) == isToken)
        }
    }

    @Test(arguments: ["texts.jsonl", "texts.csv", "texts.tsv", "texts.txt"])
    func `reads texts in any format`(name: String) throws {
        let model = folder["model"]
        try FileManager.default.copyItem(at: classifier.directory, to: model)
        try folder.write(tinyTokenizer, to: "model/tokenizer.json")
        let texts = ["one two", "Three fours", "nothing known"]
        let content =
            switch (name as NSString).pathExtension {
            case "jsonl": texts.map { "{\"text\": \"\($0)\"}" }
            case "txt": texts
            default: ["text"] + texts
            }
        let inputs = try folder.write(content.joined(separator: "\n") + "\n", to: name)
        let tokens = try folder.write(
            tokens: [[2, 4, 5, 3, 0], [2, 6, 7, 8, 3], [2, 1, 1, 3, 0]],
            mask: [[1, 1, 1, 1, 0], [1, 1, 1, 1, 1], [1, 1, 1, 1, 0]]
        )
        let result = try ForwardPass(of: model, on: inputs).run(to: folder["texts"])
        _ = try ForwardPass(of: model, on: tokens).run(to: folder["tokens"])
        #expect(result.examples == 3 && result.tokens == 13)
        #expect(try elements(folder["texts"], "logits") == elements(folder["tokens"], "logits"))
    }

    @Test func `says what an objective lacks`() throws {
        let inputs = encoder.file("inputs.safetensors")
        let pass = try ForwardPass(of: encoder.directory, on: inputs)
        func fault(_ tensors: [(name: String, content: SafeTensors.Content)]) throws -> String? {
            try SafeTensors.write(tensors, to: folder["cotangent"])
            do {
                _ = try pass.run(
                    to: folder["outputs"],
                    gradients: folder["gradients"],
                    cotangent: folder["cotangent"]
                )
                return nil
            } catch { return "\(error)".replacing(folder.url.path, with: "F") }
        }
        let one = SafeTensors.Content.floats(Tensor([1], [1]))
        #expect(
            try fault([("a", one), ("b", one)])
                == "F/cotangent should hold one tensor, called as an output of the model; "
                + "found a, b."
        )
        #expect(
            try fault([("logits", one)])
                == "F/cotangent holds the tensor logits, but the model gives last_hidden_state "
                + "and pooler_output; name the tensor as the output."
        )
        #expect(
            try fault([("pooler_output", one)])
                == "F/cotangent: pooler_output has the shape [1], but the output has [3, 20]; "
                + "make it for these inputs."
        )
        #expect(
            throws: ForwardError.noLogits(outputs: ["last_hidden_state", "pooler_output"])
        ) {
            try pass.run(to: folder["outputs"], gradients: folder["gradients"])
        }
        #expect(!FileManager.default.fileExists(atPath: folder["outputs"].path))
    }

    @Test func `stops when it is told to, and leaves nothing`() throws {
        let inputs = try folder.write(tokens: [[4, 5, 6]])
        let model = try RunnableModel(opening: classifier.directory.path)
        let workers = Workers(1)
        let pass = ForwardPass(
            model,
            on: try ForwardInputs(DataSource(path: inputs), for: model, workers: workers),
            workers: workers,
            observer: Observer(isCancelled: { true })
        )
        #expect(throws: CancellationError.self) { try pass.run(to: folder["outputs"]) }
        #expect(!FileManager.default.fileExists(atPath: folder["outputs"].path))
    }
}

@Suite struct `Opening a model` {
    let folder: WorkingFolder
    private let adapter = ReferenceCase.all("adapter") { $0 == "bert" }[0]

    init() throws { folder = try WorkingFolder() }

    @Test func `takes the base that is named over the one that the adapter names`() throws {
        let copy = folder["adapter"]
        try FileManager.default.copyItem(at: adapter.file("adapter"), to: copy)
        let error = #expect(throws: RunnableModelError.self) {
            try RunnableModel(opening: copy.path)
        }
        #expect(error?.description.hasSuffix("or name it with --base.") == true)
        let model = try RunnableModel(opening: copy.path, base: adapter.file("base").path)
        #expect(model.architecture.name == "BertForSequenceClassification")
    }

    @Test func `an adapter that names no base says what to do`() throws {
        let copy = folder["adapter"]
        try FileManager.default.copyItem(at: adapter.file("adapter"), to: copy)
        let file = copy.appending(path: "adapter_config.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        try folder.write(
            text.replacing("\"../base\"", with: "null"),
            to: "adapter/adapter_config.json"
        )
        #expect(throws: RunnableModelError.noBase(adapter: copy.path)) {
            try RunnableModel(opening: copy.path)
        }
    }

    @Test func `an adapter's own tensors are taken as they are`() throws {
        let adapted = try RunnableModel(opening: adapter.file("adapter").path)
        let own = try Adapter(at: adapter.file("adapter"))
        for (name, view) in own.replaced {
            let found = try adapted.parameters.parameter(named: name, shape: view.shape)
            #expect(try found.value.elements == view.tensor().elements)
        }
    }

    @Test func `a directory without a configuration is refused`() throws {
        try FileManager.default.copyItem(
            at: adapter.file("base/model.safetensors"),
            to: folder["model.safetensors"]
        )
        #expect(throws: ExperimentError.noConfiguration(folder.url.path)) {
            try RunnableModel(opening: folder.url.path)
        }
    }
}
