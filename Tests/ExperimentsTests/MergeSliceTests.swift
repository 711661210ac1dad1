import Checkpoints
import Foundation
import Merging
import Tensors
import TestSupport
import Testing

@testable import Experiments

/// Tiny models of other architectures, beside those of `FixtureModels`.
enum StackModels {
    static func gpt2(_ name: String) -> URL { folder("gpt2", name) }
    static func t5(_ name: String) -> URL { folder("t5", name) }

    private static func folder(_ family: String, _ name: String) -> URL {
        Golden.repository.appending(path: "Tests/Fixtures/merge/models/\(family)/\(name)")
    }
}

/// A recipe of a text, with `BASE`, `ONE` and `TWO` in the place of models.
func recipe(_ text: String, _ models: [String: URL]) throws -> Recipe {
    let text = models.reduce(text) { $0.replacing($1.key, with: $1.value.path) }
    return try Recipe(RecipeDocument(text), methods: MethodSignature.all)
}

private let gpt2 = [
    "BASE": StackModels.gpt2("base"), "ONE": StackModels.gpt2("expert-0"),
    "TWO": StackModels.gpt2("expert-1"),
]
private let t5 = ["ONE": StackModels.t5("expert-0"), "TWO": StackModels.t5("expert-1")]
private let bert = ["ONE": FixtureModels.experts[0], "TWO": FixtureModels.experts[1]]

extension Checkpoint {
    /// The numbers of a tensor, bit by bit.
    func bits(_ name: String) throws -> [UInt32] {
        try view(name).tensor().elements.map(\.bitPattern)
    }
}

@Suite struct `Slices of layers` {
    @Test func `are the layers of their models, as often as they are asked for`() throws {
        let folder = try ModelFolder()
        let order = [("ONE", 2), ("TWO", 0), ("ONE", 2), ("ONE", 1), ("TWO", 0)]
        let slices = order.map { model, layer in
            "- sources: [{model: \(model), layer_range: [\(layer), \(layer + 1)]}]"
        }.joined(separator: "\n")
        let output = folder.file("merged")
        try Merge.run(
            recipe("merge_method: passthrough\nslices:\n\(slices)\n", gpt2),
            to: output,
            workers: Workers(2)
        )
        let merged = try Checkpoint(at: output)
        let models = try gpt2.mapValues { try Checkpoint(at: $0) }
        #expect(try numbers(of: output.appending(path: "config.json"))["n_layer"] == 5)
        let layered = merged.names.compactMap(LayeredName.init)
        #expect(layered.count == 5 * 12)
        for place in layered {
            let (model, layer) = order[place.layer]
            let own = try #require(models[model]).bits(place.moved(to: layer).name)
            #expect(try merged.bits(place.name) == own, "\(place.name)")
        }
        for (name, model) in [("wte.weight", "ONE"), ("wpe.weight", "ONE"), ("ln_f.bias", "TWO")] {
            let name = "transformer.\(name)"
            #expect(try merged.bits(name) == #require(models[model]).bits(name), "\(name)")
        }
    }

    @Test func `have the same bytes for any number of workers`() throws {
        let folder = try ModelFolder()
        let recipe = try recipe(
            """
            merge_method: ties
            base_model: BASE
            slices:
              - sources: &sources
                  - {model: BASE, layer_range: [0, 3]}
                  - {model: ONE, layer_range: [0, 3], parameters: {weight: [0.2, 0.9]}}
                  - {model: TWO, layer_range: [0, 3], parameters: {weight: 0.4}}
              - sources: *sources
                parameters: {density: 0.3}
            """,
            gpt2
        )
        for workers in [1, 3] {
            try Merge.run(recipe, to: folder.file("\(workers)"), workers: Workers(workers))
        }
        #expect(try contents(of: folder.file("1")) == contents(of: folder.file("3")))
    }

    @Test func `of all layers are the whole models`() throws {
        let folder = try ModelFolder()
        for (form, range) in [("models:", ""), ("slices:\n- sources:", "layer_range: [0, 3], ")] {
            let text = """
                merge_method: ties
                base_model: BASE
                parameters: {density: 0.4, weight: 0.3}
                \(form)
                  - {model: ONE, \(range)parameters: {weight: [0.1, 0.7]}}
                  - {model: TWO, \(range)parameters: {weight: 0.4}}
                  - {model: BASE, \(range)parameters: {}}
                """
            let name = range.isEmpty ? "whole" : "sliced"
            try Merge.run(recipe(text, gpt2), to: folder.file(name))
        }
        let (first, second) = try (
            Checkpoint(at: folder.file("whole")), Checkpoint(at: folder.file("sliced"))
        )
        #expect(Set(first.names) == Set(second.names))
        for name in first.names { #expect(try first.bits(name) == second.bits(name), "\(name)") }
    }

    @Test func `may be turned towards other layers of the same model`() throws {
        let folder = try ModelFolder()
        let output = folder.file("merged")
        try Merge.run(
            recipe(
                """
                merge_method: linear
                slices:
                  - sources:
                      - {model: ONE, layer_range: [0, 2], parameters: {weight: 0.25}}
                      - {model: ONE, layer_range: [1, 3], parameters: {weight: 0.75}}
                """,
                gpt2
            ),
            to: output
        )
        let (merged, model) = try (
            Checkpoint(at: output), Checkpoint(at: StackModels.gpt2("expert-0"))
        )
        let name = "mlp.c_fc.weight"
        let layers = try (0..<3).map { try model.view("transformer.h.\($0).\(name)").tensor() }
        for layer in 0..<2 {
            let expected = layers[layer] * 0.25 + layers[layer + 1] * 0.75
            let found = try merged.view("transformer.h.\(layer).\(name)").tensor()
            let tolerance = Tolerance(absolute: 1e-6)
            #expect(tolerance.excess(of: found.elements, over: expected.elements) <= 0)
        }
        // mergekit would take the model once.
        let said = output.appending(path: "mergekit_config.yml")
        #expect(!FileManager.default.fileExists(atPath: said.path))
    }

    @Test func `of a model with an adapter are those of the adapted model`() throws {
        let folder = try ModelFolder()
        let fixture = Golden.repository.appending(path: "Tests/Fixtures/adapter/bert")
        let models = [
            "BASE": fixture.appending(path: "base"), "LORA": fixture.appending(path: "adapter"),
        ]
        try Merge.run(
            recipe(
                """
                merge_method: passthrough
                base_model: BASE
                models: [{model: LORA}]
                """,
                models
            ),
            to: folder.file("whole")
        )
        try Merge.run(
            recipe(
                """
                merge_method: passthrough
                base_model: BASE
                slices:
                  - sources: [{model: BASE, layer_range: [0, 1]}]
                  - sources: [{model: BASE+LORA, layer_range: [0, 2]}]
                  - sources: [{model: BASE+LORA, layer_range: [0, 1]}]
                """,
                models
            ),
            to: folder.file("sliced")
        )
        let (base, whole, sliced) = try (
            Checkpoint(at: fixture.appending(path: "base")), Checkpoint(at: folder.file("whole")),
            Checkpoint(at: folder.file("sliced"))
        )
        var changed = 0
        for place in sliced.names.compactMap(LayeredName.init) {
            let layer = [0, 0, 1, 0][place.layer]
            let model = place.layer == 0 ? base : whole
            let own = place.moved(to: layer).name
            #expect(try sliced.bits(place.name) == model.bits(own), "\(place.name)")
            if try whole.bits(own) != base.bits(own) { changed += 1 }
        }
        #expect(changed > 0)
    }

    @Test func `of models with other prefixes have one name for a tensor`() throws {
        let folder = try ModelFolder()
        let plain = FixtureModels.experts[0]
        let prefixed = folder.file("prefixed")
        try FileManager.default.createDirectory(at: prefixed, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: plain.appending(path: "config.json"),
            to: prefixed.appending(path: "config.json")
        )
        let checkpoint = try Checkpoint(at: plain)
        try SafeTensors.write(
            checkpoint.names.map { ("bert.\($0)", .stored(try checkpoint.view($0))) },
            metadata: ["format": "pt"],
            to: prefixed.appending(path: "model.safetensors")
        )
        try Merge.run(
            recipe(
                """
                merge_method: passthrough
                slices:
                  - sources: [{model: ONE, layer_range: [1, 2]}]
                  - sources: [{model: TWO, layer_range: [0, 2]}]
                """,
                ["ONE": plain, "TWO": prefixed]
            ),
            to: folder.file("merged")
        )
        let merged = try Checkpoint(at: folder.file("merged"))
        for name in merged.names {
            let place = LayeredName(name)
            let own = place.map { $0.moved(to: [1, 0, 1][$0.layer]).name } ?? name
            #expect(try merged.bits(name) == checkpoint.bits(own), "\(name)")
        }
        let layers = Set(merged.names.compactMap(LayeredName.init).map(\.layer))
        #expect(layers == [0, 1, 2])
    }
}
