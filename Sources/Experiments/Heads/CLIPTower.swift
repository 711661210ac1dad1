internal import Checkpoints
internal import Foundation
internal import Transformers

/// One tower of CLIP with its projection, cut out of the class that it lies in.
enum CLIPTower {
    /// The name of the projection of pictures in all classes of CLIP.
    static let pictureProjection = "visual_projection.weight"

    /// The class and the configuration that an expert of pictures is run as, and what it borrows.
    ///
    /// A whole `CLIPModel` answers as its image tower. A `CLIPVisionModel`, as FusionBench publishes
    /// its experts, lacks the projection into the space of texts: it takes the base's where that has
    /// one, which the fine-tuning left as it was.
    static func ofPictures(
        _ architecture: Architecture,
        _ configuration: Data,
        base: ModelDirectory
    ) throws -> (architecture: Architecture, configuration: Data, borrowed: TensorView?)? {
        let name = "CLIPVisionModelWithProjection"
        guard let tower = Architectures.named(name) else { return nil }
        switch architecture.name {
        case "CLIPModel":
            let width = projectionWidth(configuration)
            return (tower, try pictures(configuration, class: name, width: width), nil)
        case "CLIPVisionModel":
            guard let view = try base.checkpoint()[pictureProjection], view.shape.count == 2 else {
                return nil
            }
            let json = try pictures(configuration, class: name, width: view.shape[0])
            return (tower, json, view)
        default: return nil
        }
    }

    /// The configuration of the text tower that a model directory holds; `nil` where it has none.
    static func ofTexts(_ configuration: Data) throws -> Data? {
        let name = "CLIPTextModelWithProjection"
        switch (try? Architectures.of(configuration: configuration))?.name {
        case "CLIPModel":
            return try part(
                "text_config",
                of: configuration,
                class: name,
                width: projectionWidth(configuration)
            )
        case name: return configuration
        default: return nil
        }
    }

    /// Whether a parameter of a whole CLIP has no part in reading pictures.
    static func isBesidePictures(_ name: String) -> Bool {
        ["text_model.", "text_projection", "logit_scale"].contains { name.hasPrefix($0) }
    }

    private static func pictures(_ json: Data, class name: String, width: Int) throws -> Data {
        try part("vision_config", of: json, class: name, width: width)
    }

    /// A tower's own keys, which a whole CLIP has in a section; CLIP's width counts for both.
    private static func part(
        _ section: String,
        of json: Data,
        class name: String,
        width: Int
    ) throws -> Data {
        try JSONEdit.of(json) { keys in
            if let own = keys[section] as? [String: Any] { keys = own }
            keys["architectures"] = [name]
            keys["projection_dim"] = width
        }
    }

    /// The width that a whole CLIP projects to; transformers' default where it does not say.
    private static func projectionWidth(_ json: Data) -> Int {
        let keys = (try? JSONSerialization.jsonObject(with: json)) as? [String: Any]
        return keys?["projection_dim"] as? Int ?? 512
    }
}
