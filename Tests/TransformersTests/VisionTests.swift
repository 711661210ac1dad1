import Autograd
import Checkpoints
import Foundation
import Merging
import Tensors
import TestSupport
import Testing
import Transformers

@Suite struct `Models of pictures` {
    private let classifier = ReferenceCase.forward.first {
        $0.directory.lastPathComponent == "deit-teacher"
    }
    private let clip = ReferenceCase.forward.first { $0.directory.lastPathComponent == "clip" }

    private func model(
        _ reference: ReferenceCase?,
        as name: String? = nil
    ) throws -> any Transformer {
        let reference = try #require(reference)
        let configuration = try Data(contentsOf: reference.file("config.json"))
        let named = try Architectures.of(configuration: configuration)
        let architecture = name.flatMap(Architectures.named) ?? named
        let checkpoint = try Checkpoint(at: reference.directory)
        return try architecture.model(
            configuration: configuration,
            from: CheckpointParameters(checkpoint, named: "the case")
        )
    }

    private func run(
        _ reference: ReferenceCase?,
        as name: String? = nil,
        on input: ModelInput
    ) throws -> ModelOutput {
        let model = try model(reference, as: name)
        return try model(input)
    }

    @Test func `refuse texts, and models of texts refuse pictures`() throws {
        let (pixels, tokens) = (Tensor.zeros([1, 3, 12, 12]), TokenBatch([[3, 4]]))
        #expect(throws: ModelInputError.expectsPictures) {
            try run(classifier, on: .tokens(tokens))
        }
        #expect(throws: ModelInputError.expectsTokens) {
            try run(clip, as: "CLIPTextModel", on: .pixels(pixels))
        }
    }

    @Test(arguments: [[1, 3, 12, 3], [1, 1, 12, 12], [3, 12, 12], [0, 4, 12, 12]])
    func `say what shape they read`(shape: [Int]) throws {
        let error = #expect(throws: ModelInputError.self) {
            try run(classifier, on: .pixels(.zeros(shape)))
        }
        #expect(
            error?.description
                == "This model reads pixel_values of the shape [pictures, 3, height, width] with a "
                + "height and width of 4 at least, but the input has \(shape); prepare the "
                + "pictures with this model's preprocessor_config.json."
        )
    }

    @Test func `give no answers to no pictures`() throws {
        let outputs = try run(classifier, on: .pixels(.zeros([0, 3, 12, 12])))
        #expect(outputs["logits"]?.shape == [0, 3])
    }

    @Test func `of a full CLIP are its towers`() throws {
        let reference = try #require(clip)
        let input = try ModelInput(reference: reference.tensors("inputs.safetensors"))
        guard case .pair(let pixels, let tokens) = input else { return }
        for (name, alone) in [
            ("CLIPVisionModelWithProjection", ModelInput.pixels(pixels)),
            ("CLIPTextModelWithProjection", .tokens(tokens)),
        ] {
            let tower = try run(clip, as: name, on: alone)
            let whole = try run(clip, on: alone)
            #expect(tower.entries.map(\.name) == whole.entries.map(\.name))
            for (a, b) in zip(tower.entries, whole.entries) {
                #expect(a.value.value.elements == b.value.value.elements)
            }
        }
        let bare = try run(clip, as: "CLIPVisionModel", on: .pixels(pixels))
        #expect(bare.entries.map(\.name) == ["last_hidden_state", "pooler_output"])
    }

    @Test func `cost as many tokens as they have patches, and those before`() throws {
        let reference = try #require(classifier)
        let configuration = try Data(contentsOf: reference.file("config.json"))
        let architecture = try Architectures.of(configuration: configuration)
        let pictures = try #require(try architecture.pictures(configuration: configuration))
        #expect(pictures.tokens(height: 12, width: 12) == 11)
        #expect(pictures.tokens(height: 19, width: 8) == 10)
        let text = try #require(Architectures.named("BertModel"))
        #expect(try text.pictures(configuration: Data("{}".utf8)) == nil)
    }
}

@Suite struct `Configurations of pictures` {
    @Test(arguments: [
        (
            "ViTModel", #"{"patch_size": 300}"#,
            "config.json: image_size is 224, but must be no less than patch_size (300)."
        ),
        (
            "Dinov2Model", #"{"num_attention_heads": 7}"#,
            "config.json: num_attention_heads is 7, but must be a divisor of hidden_size (768)."
        ),
        (
            "ViTModel", #"{"pooler_act": "sine"}"#,
            "config.json: pooler_act is sine, but must be one of gelu, gelu_new, quick_gelu, silu, "
                + "tanh, relu."
        ),
        (
            "CLIPModel", #"{"vision_config": {"patch_size": 0}}"#,
            "config.json: patch_size is 0, but must be a whole number between 1 and 16777216."
        ),
    ])
    func `say which key is wrong`(name: String, json: String, message: String) throws {
        let architecture = try #require(Architectures.named(name))
        let error = #expect(throws: ConfigurationError.self) {
            try architecture.parameterShapes(configuration: Data(json.utf8))
        }
        #expect(error?.description == message)
    }

    @Test(arguments: [
        ("CLIPVisionModelWithProjection", "visual_projection.weight", [20, 32]),
        ("CLIPTextModelWithProjection", "text_projection.weight", [20, 24]),
        ("CLIPModel", "text_projection.weight", [20, 24]),
        ("CLIPModel", "vision_model.embeddings.patch_embedding.weight", [32, 3, 32, 32]),
    ])
    func `of a tower are found within those of the whole`(
        name: String,
        parameter: String,
        shape: [Int]
    ) throws {
        let json = """
            {"projection_dim": 20, "text_config": {"hidden_size": 24, "num_hidden_layers": 1},
             "vision_config": {"hidden_size": 32, "num_attention_heads": 4,
             "num_hidden_layers": 1, "id2label": null}}
            """
        let architecture = try #require(Architectures.named(name))
        let shapes = try architecture.parameterShapes(configuration: Data(json.utf8))
        #expect(shapes[parameter] == shape)
    }
}
