internal import Autograd
internal import Foundation
internal import Tensors

/// The image tower of CLIP (Radford and others, 2021, arXiv:2103.00020).
struct CLIPVision: Transformer {
    struct Configuration: ModelConfiguration {
        static let section = "vision_config"

        var hiddenSize = 768
        var intermediateSize = 3072
        var projectionDim = 512
        var numHiddenLayers = 12
        var numAttentionHeads = 12
        var numChannels = 3
        var imageSize = 224
        var patchSize = 32
        var hiddenAct = "quick_gelu"
        var layerNormEps: Float = 1e-5
        var id2label = ["0": "LABEL_0", "1": "LABEL_1"]

        func validate() throws {
            try require("hidden_size", hiddenSize)
            try require("intermediate_size", intermediateSize)
            try require("projection_dim", projectionDim)
            try require("num_hidden_layers", numHiddenLayers)
            try require(heads: numAttentionHeads, dividing: hiddenSize)
            try requirePictures("image_size", imageSize, patch: patchSize, channels: numChannels)
            _ = try activation("hidden_act", hiddenAct)
        }

        var pictures: PictureShape {
            PictureShape(
                channels: numChannels,
                size: imageSize,
                patchSize: patchSize,
                leadingTokens: 1
            )
        }
    }

    let embeddings: PatchEmbeddings
    let preNorm, postNorm: LayerNorm
    let blocks: [PreNormBlock]

    init(_ c: Configuration, _ p: Parameters) throws {
        let (width, size) = (c.hiddenSize, c.patchSize)
        let (embedding, positions) = (p["embeddings"], c.pictures.grid.count + 1)
        embeddings = PatchEmbeddings(
            projection: try embedding["patch_embedding"](
                "weight",
                width,
                c.numChannels,
                size,
                size
            ),
            bias: nil,
            leading: [try embedding("class_embedding", width)],
            positions: try embedding["position_embedding"]("weight", positions, width),
            pictures: c.pictures
        )
        // The name is misspelled in all published files.
        preNorm = try LayerNorm(p["pre_layrnorm"], width: width, epsilon: c.layerNormEps)
        blocks = try (0..<c.numHiddenLayers).map {
            try PreNormBlock(
                clip: p["encoder"]["layers"][$0],
                width: width,
                intermediate: c.intermediateSize,
                heads: c.numAttentionHeads,
                activation: c.activation("hidden_act", c.hiddenAct),
                epsilon: c.layerNormEps
            )
        }
        postNorm = try LayerNorm(p["post_layernorm"], width: width, epsilon: c.layerNormEps)
    }

    var pictures: PictureShape? { embeddings.pictures }

    /// The pictures; the last norm is for the pooled token alone.
    func trunk(_ pixels: Tensor) throws -> Trunk {
        let sequences = try embeddings.sequences(of: pixels)
        return Trunk(blocks, on: preNorm(embeddings(pixels)), sequences) {
            $0($1, sequences, reading: $2)
        }
    }

    /// The class token of each picture: `[pictures, hidden]`.
    func pooled(_ trunk: Trunk) -> Variable { postNorm(trunk.rows(at: 0)) }

    func callAsFunction(_ input: ModelInput) throws -> ModelOutput {
        let trunk = try trunk(input.pictures())
        return ModelOutput(
            [
                .init("last_hidden_state", per: .token, trunk.rows()),
                .init("pooler_output", per: .example, pooled(trunk)),
            ],
            trunk: trunk
        )
    }
}

extension PreNormBlock {
    /// A block of either tower of CLIP.
    init(
        clip p: Parameters,
        width: Int,
        intermediate: Int,
        heads: Int,
        activation: Activation,
        epsilon: Float
    ) throws {
        let inner = p["self_attn"]
        self.init(
            attentionNorm: try LayerNorm(p["layer_norm1"], width: width, epsilon: epsilon),
            outputNorm: try LayerNorm(p["layer_norm2"], width: width, epsilon: epsilon),
            attention: SelfAttention(
                query: try Linear(inner["q_proj"], from: width, to: width),
                key: try Linear(inner["k_proj"], from: width, to: width),
                value: try Linear(inner["v_proj"], from: width, to: width),
                output: try Linear(inner["out_proj"], from: width, to: width),
                heads: heads
            ),
            feedForward: FeedForward(
                up: try Linear(p["mlp"]["fc1"], from: width, to: intermediate),
                down: try Linear(p["mlp"]["fc2"], from: intermediate, to: width),
                activation: activation
            )
        )
    }
}

/// The image tower of CLIP with its projection into the space that it shares with texts.
struct CLIPVisionWithProjection: Transformer {
    let tower: CLIPVision
    let projection: Linear

    init(_ c: CLIPVision.Configuration, _ p: Parameters) throws {
        tower = try CLIPVision(c, p["vision_model"])
        projection = try Linear(
            p["visual_projection"],
            from: c.hiddenSize,
            to: c.projectionDim,
            bias: false
        )
    }

    var pictures: PictureShape? { tower.pictures }

    func callAsFunction(_ input: ModelInput) throws -> ModelOutput {
        let trunk = try tower.trunk(input.pictures())
        return ModelOutput(
            [
                .init("image_embeds", per: .example, projection(tower.pooled(trunk))),
                .init("last_hidden_state", per: .token, trunk.rows()),
            ],
            trunk: trunk
        )
    }
}

/// The image tower of CLIP with a linear classifier on the mean of the patches.
struct CLIPForImageClassification: Transformer {
    let tower: CLIPVision
    let classifier: Linear

    init(_ c: CLIPVision.Configuration, _ p: Parameters) throws {
        tower = try CLIPVision(c, p["vision_model"])
        classifier = try Linear(p["classifier"], from: c.hiddenSize, to: c.labels(c.id2label))
    }

    var pictures: PictureShape? { tower.pictures }

    func callAsFunction(_ input: ModelInput) throws -> ModelOutput {
        let trunk = try tower.trunk(input.pictures())
        let features = Deferred { trunk.sequences.means(of: trunk.rows(), skipping: 1) }
        return ModelOutput(
            [.init("logits", per: .example, classifier(features.value))],
            trunk: trunk,
            features: features
        )
    }
}
