public import Autograd
public import Foundation
internal import Tensors

/// A model class of Hugging Face transformers: how to build it, and what its parameters are.
public struct Architecture: Sendable {
    /// The name of the class, as `architectures` in a `config.json` has it.
    public let name: String
    /// What the names of the parameters begin with where a bare encoder lacks it, such as `bert`.
    public let prefix: String
    /// The first components of the names of parameters that belong to a task, not to the encoder.
    public let headPrefixes: [String]
    /// The classifier of the same family that is put onto a bare encoder to fine-tune it.
    public let classifier: String?
    /// The parameter whose first dimension is the width of the features that the model gives, by
    /// this class's own names; `nil` where it answers with logits.
    public let features: String?
    let build: @Sendable (Data, Parameters) throws -> any Transformer

    init<C: ModelConfiguration>(
        _ name: String,
        prefix: String,
        heads: [String] = [],
        classifier: String? = nil,
        features: String? = nil,
        _ build: @escaping @Sendable (C, Parameters) throws -> any Transformer
    ) {
        (self.name, self.prefix, headPrefixes) = (name, prefix, heads)
        (self.classifier, self.features) = (classifier, features)
        self.build = { try build(C(json: $0), $1) }
    }

    /// Builds the model that a `config.json` describes from its parameters.
    public func model(
        configuration: Data,
        from source: any ParameterSource
    ) throws -> any Transformer {
        try build(configuration, Parameters(NameResolvingSource(source: source, prefix: prefix)))
    }

    /// The pictures that a model of this configuration reads; `nil` where it reads none.
    public func pictures(configuration: Data) throws -> PictureShape? {
        let model = try build(configuration, Parameters(ShapeRecorder()))
        return model.pictures
    }

    /// The shapes of all parameters that a configuration asks for, by this class's own names.
    public func parameterShapes(configuration: Data) throws -> [String: [Int]] {
        let recorder = ShapeRecorder()
        _ = try build(configuration, Parameters(recorder))
        return recorder.recorded
    }

    /// Whether a parameter belongs to a task's head, by this class's own names.
    public func isHead(_ name: String) -> Bool {
        headPrefixes.contains { name == $0 || name.hasPrefix($0 + ".") }
    }
}

/// Every model class that Merganser can run.
public enum Architectures {
    /// The table: a new architecture is one file and one line here.
    public static let all: [Architecture] = [
        Architecture(
            "BertModel",
            prefix: "bert",
            classifier: "BertForSequenceClassification",
            features: "pooler.dense.weight"
        ) { try BERT($0, $1) },
        Architecture(
            "BertForSequenceClassification",
            prefix: "bert",
            heads: ["classifier"],
            classifier: "BertForSequenceClassification"
        ) { try BERTForSequenceClassification($0, $1) },
        Architecture(
            "ViTModel",
            prefix: "vit",
            classifier: "ViTForImageClassification",
            features: "pooler.dense.weight"
        ) { try ViT($0, $1) },
        Architecture(
            "ViTForImageClassification",
            prefix: "vit",
            heads: ["classifier"],
            classifier: "ViTForImageClassification"
        ) { try ViTForImageClassification($0, $1) },
        Architecture(
            "DeiTModel",
            prefix: "deit",
            classifier: "DeiTForImageClassification",
            features: "pooler.dense.weight"
        ) { try ViT.deit($0, $1) },
        Architecture(
            "DeiTForImageClassification",
            prefix: "deit",
            heads: ["classifier"],
            classifier: "DeiTForImageClassification"
        ) { try DeiTForImageClassification($0, $1) },
        Architecture(
            "DeiTForImageClassificationWithTeacher",
            prefix: "deit",
            heads: ["cls_classifier", "distillation_classifier"],
            classifier: "DeiTForImageClassificationWithTeacher"
        ) { try DeiTForImageClassificationWithTeacher($0, $1) },
        Architecture(
            "Dinov2Model",
            prefix: "dinov2",
            classifier: "Dinov2ForImageClassification",
            features: "layernorm.weight"
        ) { try DINOv2($0, $1) },
        Architecture(
            "Dinov2ForImageClassification",
            prefix: "dinov2",
            heads: ["classifier"],
            classifier: "Dinov2ForImageClassification"
        ) { try DINOv2ForImageClassification($0, $1) },
        Architecture("CLIPModel", prefix: "clip", features: "visual_projection.weight") {
            try CLIP($0, $1)
        },
        Architecture(
            "CLIPVisionModel",
            prefix: "vision_model",
            features: "vision_model.post_layernorm.weight"
        ) { try CLIPVision($0, $1["vision_model"]) },
        Architecture(
            "CLIPVisionModelWithProjection",
            prefix: "vision_model",
            features: "visual_projection.weight"
        ) { try CLIPVisionWithProjection($0, $1) },
        Architecture(
            "CLIPForImageClassification",
            prefix: "vision_model",
            heads: ["classifier"],
            classifier: "CLIPForImageClassification"
        ) { try CLIPForImageClassification($0, $1) },
        Architecture(
            "CLIPTextModel",
            prefix: "text_model",
            features: "text_model.final_layer_norm.weight"
        ) { try CLIPText($0, $1["text_model"]) },
        Architecture(
            "CLIPTextModelWithProjection",
            prefix: "text_model",
            features: "text_projection.weight"
        ) { try CLIPTextWithProjection($0, $1) },
    ]

    /// The architecture of a name.
    public static func named(_ name: String) -> Architecture? { all.first { $0.name == name } }

    /// The architecture that a `config.json` names.
    public static func of(configuration: Data) throws -> Architecture {
        guard let object = try? JSONSerialization.jsonObject(with: configuration),
            let keys = object as? [String: Any]
        else { throw ConfigurationError.unreadable("it does not parse") }
        let names = keys["architectures"] as? [String] ?? []
        // Masked language models of a family are used here for their encoder.
        let candidates = names + names.map { $0.replacing("ForMaskedLM", with: "Model") }
        for name in candidates { if let known = named(name) { return known } }
        throw ConfigurationError.unknownArchitecture(
            found: names.first ?? (keys["model_type"] as? String).map { "of \($0)" } ?? "none",
            known: all.map(\.name)
        )
    }
}
