import Checkpoints
import Experiments
import Foundation
import Merging
import Presentation
import TestSupport
import Testing

@Suite struct `Inspecting` {
    let folder: WorkingFolder
    private let encoder = ReferenceCase.all("forward") { $0 == "bert-model" }[0]
    private let adapter = ReferenceCase.all("adapter") { $0 == "bert" }[0]

    init() throws { folder = try WorkingFolder() }

    private func json(_ inspection: some Inspection) throws -> [String: Any] {
        let data = try JSONEncoder().encode(inspection)
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test func `a model shows its configuration and every tensor`() throws {
        let inspection = try Inspections.of(encoder.directory)
        let text = inspection.text(width: nil)
        #expect(text.contains(/architecture +BertModel\n/))
        #expect(text.contains("hidden_size 20"))
        #expect(text.contains("embeddings.word_embeddings.weight"))
        #expect(text.contains("total I64"))
        let json = try json(inspection)
        #expect(json["kind"] as? String == "model")
        let checkpoint = try Checkpoint(at: encoder.directory)
        let tensors = try #require(json["tensors"] as? [[String: Any]])
        #expect(tensors.compactMap { $0["name"] as? String } == checkpoint.names)
        #expect(
            tensors.compactMap { $0["shape"] as? [Int] }
                == (try checkpoint.views(checkpoint.names).map(\.shape))
        )
        let totals = try #require(json["totals"] as? [String: Int])
        #expect(totals["tensors"] == tensors.count)
        #expect(
            totals["bytes"]
                == (try checkpoint.views(checkpoint.names).reduce(0) { $0 + $1.byteCount })
        )
    }

    @Test func `a file shows its metadata`() throws {
        try SafeTensors.write(
            [("lambda", .integers([1, 2], shape: [2], .signed64))],
            metadata: ["kind": "gram\u{1B}[2J"],
            to: folder["gram.safetensors"]
        )
        let inspection = try Inspections.of(folder["gram.safetensors"])
        #expect(
            inspection.text(width: nil).replacing(folder.url.path, with: "F") == """
                path            F/gram.safetensors
                files           gram.safetensors
                metadata: kind  gram�[2J
                total           1 tensor, 2 elements, 16 B

                tensor  dtype  shape  elements  bytes
                ──────  ─────  ─────  ────────  ─────
                lambda  I64    [2]           2     16

                """
        )
        #expect(try json(inspection)["kind"] as? String == "checkpoint")
    }

    @Test(arguments: [24, 40, 60, 80])
    func `fits a narrow terminal`(width: Int) throws {
        for url in [encoder.directory, adapter.file("adapter")] {
            for line in try Inspections.of(url).text(width: width).split(separator: "\n") {
                #expect(line.displayWidth <= max(width, 40))
            }
        }
    }

    @Test func `an adapter shows its updates and what it replaces`() throws {
        let inspection = try Inspections.of(adapter.file("adapter"))
        let json = try json(inspection)
        #expect(json["kind"] as? String == "adapter")
        #expect(json["base"] as? String == "../base")
        let updates = try #require(json["updates"] as? [[String: Any]])
        let own = try Adapter(at: adapter.file("adapter"))
        #expect(updates.compactMap { $0["weight"] as? String } == own.updatedNames)
        #expect((json["replaced"] as? [Any])?.count == own.replaced.count)
        #expect(inspection.text(width: nil).contains("classifier"))
    }

    @Test func `a run shows how far it has come and its coefficients`() throws {
        var coefficients = Coefficients(
            .layer,
            models: ["role", "section"],
            parameters: ["embeddings.word_embeddings.weight", "encoder.layer.0.output.dense.bias"],
            initial: 0.3
        )
        coefficients.lambda = [[0.25, 0.5], [-0.125, 1]]
        let data = try JSONEncoder().encode(coefficients)
        try folder.write(String(decoding: data, as: UTF8.self), to: "coefficients.json")
        try folder.write(
            """
            {"step":0,"entropy":{"role":1},"total":1.5,"gradient_norm":1,"seconds":1}
            {"step":1,"entropy":{"role":1},"total":1.25,"gradient_norm":1,"seconds":1}
            """,
            to: "history.jsonl"
        )
        let text = try Inspections.of(folder.url).text(width: nil)
        #expect(
            text.replacing(folder.url.path, with: "F") == """
                path         F
                state        not finished: learn continues it
                steps        1
                objective    1.2500
                granularity  layer
                models       role, section

                group       tensors     role  section
                ──────────  ───────  ───────  ───────
                embeddings        1   0.2500   0.5000
                layer.0           1  -0.1250   1.0000

                """
        )
        try folder.write(
            """
            [{"task":"role","split":"test","examples":400,"transductive":false,
              "base":{"entropy":2,"examples":400},
              "merged":{"entropy":1,"examples":400,"accuracy":0.725,"interval":[0.6,0.8],"loss":1}}]
            """,
            to: "evaluation.json"
        )
        let finished = try Inspections.of(folder.url)
        #expect(
            finished.text(width: nil).contains(
                """
                task  split  score     examples   base  merged
                ────  ─────  ────────  ────────  ─────  ──────
                role  test   accuracy       400  2.000  72.5 %
                """
            )
        )
        #expect(try json(finished)["kind"] as? String == "run")
    }

    @Test func `coefficients that do not fit their groups are refused`() throws {
        try folder.write(
            """
            {"granularity":"task","models":["a","b"],"lambda":[[1]],
             "groups":[{"name":"all","parameters":["w"]}]}
            """,
            to: "coefficients.json"
        )
        #expect(throws: ExperimentError.self) { try Inspections.of(folder.url) }
    }

    @Test func `what is not there is named`() {
        let missing = folder["missing"]
        let error = #expect(throws: (any Error).self) { try Inspections.of(missing) }
        #expect(error.map { "\($0)".contains(missing.path) } == true)
    }
}

@Suite struct `Describing methods` {
    @Test(arguments: MergeMethods.all.map(\.card.name))
    func `every option of every method says what it does`(name: String) throws {
        let method = try MethodDescription(named: name)
        for option in method.options { #expect(!option.summary.isEmpty, "\(option.name)") }
        let names = method.options.map(\.name)
        #expect(Set(names).count == names.count)
        let text = method.text(width: 60)
        #expect(text.contains(method.example.split(separator: "\n")[0]))
        for option in names { #expect(text.contains(option)) }
    }

    @Test func `an unknown method has a neighbour`() {
        let error = #expect(throws: MergeError.self) { try MethodDescription(named: "tie") }
        #expect(error?.description.contains("Did you mean ties?") == true)
    }
}
