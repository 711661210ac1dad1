internal import Autograd
internal import Foundation
internal import Tensors

/// ViT (Dosovitskiy and others, 2021, arXiv:2010.11929), and DeiT's encoder, which adds a token.
struct ViT: Transformer {
    struct Configuration: ModelConfiguration {
        var hiddenSize = 768
        var numHiddenLayers = 12
        var numAttentionHeads = 12
        var intermediateSize = 3072
        var hiddenAct = "gelu"
        var layerNormEps: Float = 1e-12
        var imageSize = 224
        var patchSize = 16
        var numChannels = 3
        var qkvBias = true
        /// 0 stands for the hidden size, where the key is absent or null.
        var poolerOutputSize = 0
        var poolerAct = "tanh"
        var id2label = ["0": "LABEL_0", "1": "LABEL_1"]

        func validate() throws {
            try require("hidden_size", hiddenSize)
            try require("num_hidden_layers", numHiddenLayers)
            try require(heads: numAttentionHeads, dividing: hiddenSize)
            try require("intermediate_size", intermediateSize)
            try require("pooler_output_size", poolerOutputSize, atLeast: 0)
            try requirePictures("image_size", imageSize, patch: patchSize, channels: numChannels)
            _ = try activation("hidden_act", hiddenAct)
            _ = try activation("pooler_act", poolerAct)
        }

        func pictures(leadingTokens: Int) -> PictureShape {
            PictureShape(
                channels: numChannels,
                size: imageSize,
                patchSize: patchSize,
                leadingTokens: leadingTokens
            )
        }
    }

    let embeddings: PatchEmbeddings
    let blocks: [PreNormBlock]
    let norm: LayerNorm
    let pooler: Linear?
    let poolerActivation: Activation

    /// The encoder, with the tokens of these names before the patches.
    ///
    /// Encoders are saved with and without a pooler, so one is looked for unless `pools` is false:
    /// classifiers have none.
    init(
        _ c: Configuration,
        _ p: Parameters,
        tokens: [String] = ["cls_token"],
        pools: Bool = true
    ) throws {
        let width = c.hiddenSize
        embeddings = try PatchEmbeddings(
            p["embeddings"],
            width: width,
            tokens: tokens,
            c.pictures(leadingTokens: tokens.count)
        )
        blocks = try (0..<c.numHiddenLayers).map {
            try Self.block(c, p["encoder"]["layer"][$0])
        }
        norm = try LayerNorm(p["layernorm"], width: width, epsilon: c.layerNormEps)
        let dense = p["pooler"]["dense"]
        pooler =
            pools && dense.source.contains(dense["weight"].path)
            ? try Linear(
                dense,
                from: width,
                to: c.poolerOutputSize == 0 ? width : c.poolerOutputSize
            ) : nil
        poolerActivation = try c.activation("pooler_act", c.poolerAct)
    }

    var pictures: PictureShape? { embeddings.pictures }

    /// The pictures before the last norm.
    func trunk(_ input: ModelInput) throws -> Trunk {
        let pixels = try input.pictures()
        let sequences = try embeddings.sequences(of: pixels)
        return Trunk(blocks, on: embeddings(pixels), sequences) { $0($1, sequences, reading: $2) }
    }

    /// The normalized class token of each picture: `[pictures, hidden]`.
    func classToken(_ trunk: Trunk) -> Variable { norm(trunk.rows(at: 0)) }

    func callAsFunction(_ input: ModelInput) throws -> ModelOutput {
        let trunk = try trunk(input)
        let pooled = pooler.map { pooler in
            ModelOutput.Entry(
                "pooler_output",
                per: .example,
                pooler(classToken(trunk)).activated(by: poolerActivation)
            )
        }
        return ModelOutput(
            [.init("last_hidden_state", per: .token, norm(trunk.rows()))]
                + [pooled].compactMap(\.self),
            trunk: trunk
        )
    }
}

extension ViT {
    private static func block(_ c: Configuration, _ p: Parameters) throws -> PreNormBlock {
        let width = c.hiddenSize
        return PreNormBlock(
            attentionNorm: try LayerNorm(
                p["layernorm_before"],
                width: width,
                epsilon: c.layerNormEps
            ),
            outputNorm: try LayerNorm(p["layernorm_after"], width: width, epsilon: c.layerNormEps),
            attention: try attention(
                p["attention"],
                width: width,
                heads: c.numAttentionHeads,
                bias: c.qkvBias
            ),
            feedForward: FeedForward(
                up: try Linear(p["intermediate"]["dense"], from: width, to: c.intermediateSize),
                down: try Linear(p["output"]["dense"], from: c.intermediateSize, to: width),
                activation: try c.activation("hidden_act", c.hiddenAct)
            )
        )
    }

    /// The attention of ViT and its kin, whose parameters have the same names.
    static func attention(
        _ p: Parameters,
        width: Int,
        heads: Int,
        bias: Bool
    ) throws -> SelfAttention {
        let inner = p["attention"]
        return SelfAttention(
            query: try Linear(inner["query"], from: width, to: width, bias: bias),
            key: try Linear(inner["key"], from: width, to: width, bias: bias),
            value: try Linear(inner["value"], from: width, to: width, bias: bias),
            output: try Linear(p["output"]["dense"], from: width, to: width),
            heads: heads
        )
    }
}

/// ViT with a linear classifier on the class token.
struct ViTForImageClassification: Transformer {
    let vit: ViT
    let classifier: Linear

    init(_ c: ViT.Configuration, _ p: Parameters) throws {
        vit = try ViT(c, p["vit"], pools: false)
        classifier = try Linear(p["classifier"], from: c.hiddenSize, to: c.labels(c.id2label))
    }

    var pictures: PictureShape? { vit.pictures }

    func callAsFunction(_ input: ModelInput) throws -> ModelOutput {
        let trunk = try vit.trunk(input)
        let features = Deferred { vit.classToken(trunk) }
        return ModelOutput(
            [.init("logits", per: .example, classifier(features.value))],
            trunk: trunk,
            features: features
        )
    }
}
