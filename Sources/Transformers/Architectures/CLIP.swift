internal import Autograd
internal import Foundation
internal import Tensors

/// CLIP (Radford and others, 2021, arXiv:2103.00020): pictures and texts in one space.
///
/// Given pictures alone or texts alone it answers as the tower with its projection does.
struct CLIP: Transformer {
    struct Configuration: ModelConfiguration {
        static let parts: Set<String> = ["text_config", "vision_config"]

        var projectionDim = 512
        var textConfig = CLIPText.Configuration()
        var visionConfig = CLIPVision.Configuration()

        func validate() throws {
            try require("projection_dim", projectionDim)
            try textConfig.validate()
            try visionConfig.validate()
        }
    }

    let text: CLIPTextWithProjection
    let vision: CLIPVisionWithProjection
    /// The logarithm of what similarities are multiplied by.
    let scale: Variable

    init(_ c: Configuration, _ p: Parameters) throws {
        var (texts, pictures) = (c.textConfig, c.visionConfig)
        (texts.projectionDim, pictures.projectionDim) = (c.projectionDim, c.projectionDim)
        text = try CLIPTextWithProjection(texts, p)
        vision = try CLIPVisionWithProjection(pictures, p)
        scale = try p("logit_scale")
    }

    var pictures: PictureShape? { vision.pictures }

    func callAsFunction(_ input: ModelInput) throws -> ModelOutput {
        switch input {
        case .tokens: try text(input)
        case .pixels: try vision(input)
        case .pair(let pixels, let tokens): try compare(pixels, tokens)
        }
    }

    /// Every picture with every text.
    private func compare(_ pixels: Tensor, _ tokens: TokenBatch) throws -> ModelOutput {
        let patches = try vision.tower.trunk(pixels)
        let words = try text.tower.norm(text.tower.trunk(tokens).rows())
        let picture = vision.projection(vision.tower.pooled(patches)).unitRows()
        let caption = text.projection(text.tower.pooled(words, tokens)).unitRows()
        let similarities = Variable.linear(picture, caption).scaled(byExponentialOf: scale)
        return ModelOutput([
            .init("logits_per_image", per: .example, similarities),  // [pictures, texts]
            .init("logits_per_text", per: .text, similarities.transposed()),
            .init("text_embeds", per: .text, caption),
            .init("image_embeds", per: .example, picture),
        ])
    }
}
