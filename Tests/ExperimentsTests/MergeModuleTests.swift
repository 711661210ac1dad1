import Checkpoints
import Foundation
import Merging
import Synchronization
import Tensors
import TestSupport
import Testing

@testable import Experiments

private let gpt2 = [
    "BASE": StackModels.gpt2("base"), "ONE": StackModels.gpt2("expert-0"),
    "TWO": StackModels.gpt2("expert-1"),
]
private let t5 = ["ONE": StackModels.t5("expert-0"), "TWO": StackModels.t5("expert-1")]

@Suite struct `Modules of models` {
    @Test(
        arguments: [
            (
                "t5", ["encoder.block.0.layer.0.q", "decoder.block.3.layer.1.q", "shared.weight"],
                ["decoder", "encoder", "shared"], ["decoder.block", "encoder.block", nil]
            ),
            ("t5", ["encoder.block.0.layer.0.q", "shared.weight"], ["default"], ["encoder.block"]),
            (
                "gemma3",
                [
                    "language_model.model.layers.0.a", "language_model.model.norm.weight",
                    "multi_modal_projector.b", "vision_tower.vision_model.encoder.layers.1.c",
                ],
                ["text_decoder", "multi_modal_projector", "vision_tower"],
                ["language_model.model.layers", nil, "vision_tower.vision_model.encoder.layers"]
            ),
            (
                "qwen2_vl",
                [
                    "model.layers.0.a", "lm_head.weight", "visual.blocks.0.b",
                    "visual.merger.mlp.0.c",
                ],
                ["text_decoder", "multi_modal_projector", "vision_tower"],
                ["model.layers", nil, "visual.blocks"]
            ),
            (
                "clip",
                [
                    "text_model.encoder.layers.0.a", "vision_model.encoder.layers.0.a",
                    "text_projection.weight",
                ],
                ["text_model.encoder.layers", "vision_model.encoder.layers", "default"],
                ["text_model.encoder.layers", "vision_model.encoder.layers", nil]
            ),
            ("llama", ["model.layers.0.a", "model.norm.weight"], ["default"], ["model.layers"]),
            ("cnn", ["conv1.weight", "stem.0.weight"], ["default"], [nil]),
        ] as [(String, [String], [String], [String?])]
    )
    func `are told by the architecture, else by the lists of layers`(
        family: String,
        tensors: [String],
        modules: [String],
        lists: [String?]
    ) {
        let found = ModelModules(of: tensors, family: family)
        #expect(found.all.map(\.name) == modules)
        #expect(found.all.map(\.list) == lists)
        #expect(tensors.allSatisfy { found.owner(of: $0) != nil })
    }

    @Test func `that a recipe leaves out are not written, and it says so`() throws {
        let folder = try ModelFolder()
        let warnings = Mutex<[String]>([])
        let output = folder.file("merged")
        try Merge.run(
            recipe(
                """
                merge_method: linear
                modules:
                  encoder: {models: [{model: ONE}, {model: TWO}]}
                parameters: {weight: 1}
                """,
                t5
            ),
            to: output,
            observer: Observer(warn: { text in warnings.withLock { $0.append(text) } })
        )
        let names = try Checkpoint(at: output).names
        #expect(!names.isEmpty && names.allSatisfy { $0.hasPrefix("encoder.") })
        let sentence =
            "The merged model lacks the modules that the recipe does not list: decoder, shared."
        #expect(warnings.withLock { $0 } == [sentence])
        let card = try String(contentsOf: output.appending(path: "README.md"), encoding: .utf8)
        #expect(card.contains(sentence))
    }

    @Test func `have gradients over their own layers, of whole models too`() throws {
        let folder = try ModelFolder()
        let model = folder.file("towers")
        try FileManager.default.createDirectory(at: model, withIntermediateDirectories: true)
        let names =
            (0..<2).map { "text.layers.\($0).w" } + (0..<5).map { "vision.layers.\($0).w" } + ["w"]
        try SafeTensors.write(
            names.map { ($0, .floats(Tensor([2], [1, 2]))) },
            metadata: [:],
            to: model.appending(path: "model.safetensors")
        )
        try Merge.run(
            recipe(
                """
                merge_method: passthrough
                models: [{model: ONE, parameters: {scale: [1, 3]}}]
                """,
                ["ONE": model]
            ),
            to: folder.file("merged")
        )
        let merged = try Checkpoint(at: folder.file("merged"))
        let scales = try names.map { try merged.view($0).tensor().elements[0] }
        #expect(scales == [1, 3, 1, 1.5, 2, 2.5, 3, 1])
    }
}

@Suite struct `Slices and modules that cannot be` {
    private static let slice = "{model: ONE, layer_range: [0, 3]}"

    @Test(arguments: [
        (
            """
            merge_method: passthrough
            slices:
              - sources: [{model: ONE, layer_range: [0, 4]}]
              - sources: [{model: TWO, layer_range: [1, 2]}]
              - sources: [{model: TWO, layer_range: [3, 9]}]
            """,
            "`slices.0.sources.0.layer_range` asks for layers [0, 4] of ONE, which has 3 layers; "
                + "`slices.2.sources.0.layer_range` asks for layers [3, 9] of TWO, which has 3 layers"
        ),
        (
            """
            merge_method: task_arithmetic
            base_model: BASE
            parameters: {weight: 1}
            slices: [{sources: [{model: ONE, layer_range: [0, 3]}]}]
            """,
            "task_arithmetic compares models with BASE, which is not among `slices.0.sources`"
        ),
        (
            """
            merge_method: linear
            parameters: {weight: 1}
            modules: {text: {models: [{model: ONE}]}, default: {models: [{model: ONE}]}}
            """,
            "ONE has no module called text; its modules are default."
        ),
        (
            """
            merge_method: regmean
            base_model: BASE
            slices: [{sources: [{model: ONE, layer_range: [0, 3]}]}]
            tasks: [{name: a, model: ONE, data: ONE/config.json}]
            """,
            "list these under `models` instead of `slices`"
        ),
        (
            """
            merge_method: passthrough
            slices: [{sources: [{model: ONE, layer_range: [0, 3]},
                                {model: TWO, layer_range: [0, 3]}]}]
            """,
            "passthrough merges one model, but the recipe lists 2"
        ),
        (
            """
            merge_method: linear
            slices: [{sources: [{model: ONE, layer_range: [0, 3]}]}]
            """,
            "weight of ONE for transformer."
        ),
    ])
    func `say what is wrong`(text: String, sentence: String) throws {
        let sentence = gpt2.reduce(sentence) { $0.replacing($1.key, with: $1.value.path) }
        try expectFailure(recipe(text, gpt2), sentence)
    }

    @Test func `name the modules of a model with several`() throws {
        let text = "slices: [{sources: [{model: ONE, layer_range: [0, 2]}]}]"
        try expectFailure(
            recipe("merge_method: passthrough\n\(text)", t5),
            "has several modules: decoder, encoder, shared; put the `slices` of each under"
        )
        try expectFailure(
            recipe("merge_method: passthrough\nmodules: {shared: {\(text)}}", t5),
            "tell no layers apart that `modules.shared.slices` could take"
        )
        try expectFailure(
            recipe("merge_method: passthrough\nmodules: {encodr: {\(text)}}", t5),
            "has no module called encodr; its modules are decoder, encoder, shared."
        )
    }

    @Test func `name every tensor of another width`() throws {
        let folder = try ModelFolder()
        let wide = try folder.copy(StackModels.gpt2("expert-1"), as: "wide") { view in
            view.name.hasSuffix("mlp.c_fc.bias")
                ? .floats(Tensor([5], repeating: 1)) : .stored(view)
        }
        try expectFailure(
            recipe(
                """
                merge_method: passthrough
                slices:
                  - sources: [{model: ONE, layer_range: [0, 3]}]
                  - sources: [{model: TWO, layer_range: [1, 3]}]
                """,
                ["ONE": StackModels.gpt2("expert-0"), "TWO": wide]
            ),
            """
            (mismatches: 2); merge models that were fine-tuned from one base, and check that \
            base_model is that base:
              \(wide.path): transformer.h.1.mlp.c_fc.bias has shape [5], the base's has [32]
              \(wide.path): transformer.h.2.mlp.c_fc.bias has shape [5], the base's has [32]
            """
        )
    }

    @Test func `call missing tensors as the model's file would`() throws {
        let folder = try ModelFolder()
        let poor = try folder.copy(StackModels.gpt2("expert-1"), as: "poor") { view in
            ["transformer.h.2.ln_1.bias", "transformer.ln_f.bias"].contains(view.name)
                ? nil : .stored(view)
        }
        try expectFailure(
            recipe(
                """
                merge_method: linear
                slices:
                  - sources:
                      - {model: ONE, layer_range: [0, 1]}
                      - {model: TWO, layer_range: [2, 3]}
                parameters: {weight: 1}
                """,
                ["ONE": StackModels.gpt2("expert-0"), "TWO": poor]
            ),
            """
              \(poor.path) lacks transformer.h.2.ln_1.bias
              \(poor.path) lacks transformer.ln_f.bias
            """
        )
    }

    private func expectFailure(_ recipe: Recipe, _ sentence: String) throws {
        let folder = try ModelFolder()
        let error = #expect(throws: (any Error).self) {
            try Merge.run(recipe, to: folder.file("merged"))
        }
        let message = error.map { "\($0)" } ?? ""
        #expect(message.contains(sentence), "\(message)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }
}

@Suite struct `The configuration of stacked layers` {
    /// A copy of a GPT-2 with another configuration.
    private func model(_ name: String, _ text: String, in folder: ModelFolder) throws -> URL {
        let copy = try folder.copy(StackModels.gpt2("expert-0"), as: name)
        try Data(text.utf8).write(to: copy.appending(path: "config.json"))
        return copy
    }

    @Test(arguments: [
        (#"{"n_layer": 3, "n_head": 2}"#, #"{"n_layer": 4, "n_head": 2}"#),
        (
            #"{"num_hidden_layers" : 3,"num_layers":3, "depth": 7}"#,
            #"{"num_hidden_layers" : 4,"num_layers":4, "depth": 7}"#
        ),
        // Nested, and the model's number of layers is not what the file says.
        (
            #"{"text_config": {"num_hidden_layers": 3, "layer_types": ["a", "b", "c"]}, "x": [3]}"#,
            #"{"text_config": {"num_hidden_layers": 4, "layer_types": ["a", "c", "d", "b"]}, "x": [3]}"#
        ),
        (#"{"n_layer": 2}"#, #"{"n_layer": 4}"#),
        (
            #"{"n_layer": 3, "mlp_only_layers": [2], "layer_types": ["only", "two"]}"#,
            #"{"n_layer": 4, "mlp_only_layers": [1, 3], "layer_types": ["only", "two"]}"#
        ),
    ])
    func `counts them, and says of each what its model did`(first: String, merged: String) throws {
        let folder = try ModelFolder()
        let models = [
            "ONE": try model("one", first, in: folder),
            "TWO": try model(
                "two",
                first.replacing(#"["a", "b", "c"]"#, with: #"["d", "b", "c"]"#)
                    .replacing("[2]", with: "[1]"),
                in: folder
            ),
        ]
        try Merge.run(
            recipe(
                """
                merge_method: passthrough
                slices:
                  - sources: [{model: ONE, layer_range: [0, 1]}]
                  - sources: [{model: ONE, layer_range: [2, 3]}]
                  - sources: [{model: TWO, layer_range: [0, 2]}]
                """,
                models
            ),
            to: folder.file("merged")
        )
        let file = folder.file("merged").appending(path: "config.json")
        #expect(try String(contentsOf: file, encoding: .utf8) == merged)
    }

    @Test func `is corrected by hand where it has no number that is known`() throws {
        let folder = try ModelFolder()
        let warnings = Mutex<[String]>([])
        try Merge.run(
            recipe(
                """
                merge_method: passthrough
                slices: [{sources: [{model: ONE, layer_range: [0, 2]}]}]
                """,
                ["ONE": model("one", #"{"layers": 3}"#, in: folder)]
            ),
            to: folder.file("merged"),
            observer: Observer(warn: { text in warnings.withLock { $0.append(text) } })
        )
        #expect(warnings.withLock { $0 }.count == 1)
        #expect(warnings.withLock { $0 }.first?.contains("correct it by hand") == true)
    }
}

@Suite struct `A plan of slices` {
    @Test func `counts what every slice reads and writes`() throws {
        let recipe = try recipe(
            """
            merge_method: ties
            base_model: BASE
            slices:
              - sources:
                  - {model: BASE, layer_range: [0, 2]}
                  - {model: ONE, layer_range: [1, 3]}
              - sources:
                  - {model: BASE, layer_range: [0, 2]}
                  - {model: TWO, layer_range: [0, 2]}
            parameters: {weight: 1}
            """,
            gpt2
        )
        let plan = try MergePlan(recipe, workers: Workers(1))
        let folder = try ModelFolder()
        let written = try Merge.run(recipe, to: folder.file("merged"))
        #expect(plan.tensors == written.tensors)
        #expect(plan.elements == written.elements)
        #expect(plan.disk == 4 * written.elements)
        #expect(plan.models.map(\.kind) == ["base", "expert", "expert"])
        // Two layers of twelve tensors, and two tensors before or behind them.
        #expect(plan.models.map(\.parameters) == [52, 26, 26])
    }
}
