internal import Autograd
internal import Foundation
internal import Tensors

/// DINOv2 (Oquab and others, 2023, arXiv:2304.07193): ViT whose branches are scaled.
///
/// The mask token of its files takes part in pretraining alone.
struct DINOv2: Transformer {
    struct Configuration: ModelConfiguration {
        var hiddenSize = 768
        var numHiddenLayers = 12
        var numAttentionHeads = 12
        var mlpRatio = 4
        var hiddenAct = "gelu"
        var layerNormEps: Float = 1e-6
        var imageSize = 224
        var patchSize = 14
        var numChannels = 3
        var qkvBias = true
        var useSwigluFfn = false
        var id2label = ["0": "LABEL_0", "1": "LABEL_1"]

        func validate() throws {
            try require("hidden_size", hiddenSize)
            try require("num_hidden_layers", numHiddenLayers)
            try require(heads: numAttentionHeads, dividing: hiddenSize)
            try require("mlp_ratio", mlpRatio)
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
    let blocks: [Block]
    let norm: LayerNorm

    init(_ c: Configuration, _ p: Parameters) throws {
        embeddings = try PatchEmbeddings(
            p["embeddings"],
            width: c.hiddenSize,
            tokens: ["cls_token"],
            c.pictures
        )
        blocks = try (0..<c.numHiddenLayers).map { try Block(c, p["encoder"]["layer"][$0]) }
        norm = try LayerNorm(p["layernorm"], width: c.hiddenSize, epsilon: c.layerNormEps)
    }

    var pictures: PictureShape? { embeddings.pictures }

    /// The pictures before the last norm.
    func trunk(_ input: ModelInput) throws -> Trunk {
        let pixels = try input.pictures()
        let sequences = try embeddings.sequences(of: pixels)
        return Trunk(blocks, on: embeddings(pixels), sequences) { $0($1, sequences, reading: $2) }
    }

    func callAsFunction(_ input: ModelInput) throws -> ModelOutput {
        let trunk = try trunk(input)
        return ModelOutput(
            [
                .init("last_hidden_state", per: .token, norm(trunk.rows())),
                .init("pooler_output", per: .example, norm(trunk.rows(at: 0))),
            ],
            trunk: trunk
        )
    }
}

extension DINOv2 {
    struct Block: TransformerBlock {
        enum Inner: Sendable {
            case plain(FeedForward)
            case gated(GatedFeedForward)

            func callAsFunction(_ x: Variable) -> Variable {
                switch self {
                case .plain(let layer): layer(x)
                case .gated(let layer): layer(x)
                }
            }
        }

        let attentionNorm, outputNorm: LayerNorm
        let attention: SelfAttention
        let inner: Inner
        /// What the two branches are multiplied by (arXiv:2103.17239).
        let attentionScale, outputScale: Variable

        init(_ c: Configuration, _ p: Parameters) throws {
            let width = c.hiddenSize
            attentionNorm = try LayerNorm(p["norm1"], width: width, epsilon: c.layerNormEps)
            outputNorm = try LayerNorm(p["norm2"], width: width, epsilon: c.layerNormEps)
            attention = try ViT.attention(
                p["attention"],
                width: width,
                heads: c.numAttentionHeads,
                bias: c.qkvBias
            )
            attentionScale = try p["layer_scale1"]("lambda1", width)
            outputScale = try p["layer_scale2"]("lambda1", width)
            let (mlp, between) = (p["mlp"], width * c.mlpRatio)
            guard !c.useSwigluFfn else {
                inner = .gated(try GatedFeedForward(mlp, width: width, between: between))
                return
            }
            inner = .plain(
                FeedForward(
                    up: try Linear(mlp["fc1"], from: width, to: between),
                    down: try Linear(mlp["fc2"], from: between, to: width),
                    activation: try c.activation("hidden_act", c.hiddenAct)
                )
            )
        }

        func callAsFunction(
            _ x: Variable,
            _ sequences: Sequences,
            reading tokens: ReadTokens?
        ) -> Variable {
            let attended = x.rows(of: tokens).adding(
                attention(attentionNorm(x), sequences, reading: tokens),
                scaledBy: attentionScale
            )
            return attended.adding(inner(outputNorm(attended)), scaledBy: outputScale)
        }
    }

    /// `W₂·(silu(G·x) ∘ (U·x))`, G and U one weight in the file (arXiv:2002.05202).
    struct GatedFeedForward: Sendable {
        let input, output: Linear
        let width: Int

        init(_ p: Parameters, width outer: Int, between: Int) throws {
            // Two thirds of the plain layer's width cost as much; rounded up to a multiple of 8.
            width = (between * 2 / 3 + 7) / 8 * 8
            input = try Linear(p["weights_in"], from: outer, to: 2 * width)
            output = try Linear(p["weights_out"], from: width, to: outer)
        }

        func callAsFunction(_ x: Variable) -> Variable {
            let both = input(x)  // [tokens, 2 · width]
            let gate = both.columns(0..<width).activated(by: .silu)
            return output(gate * both.columns(width..<2 * width))
        }
    }
}

/// DINOv2 with a linear classifier on the class token beside the mean of the patches.
struct DINOv2ForImageClassification: Transformer {
    let encoder: DINOv2
    let classifier: Linear

    init(_ c: DINOv2.Configuration, _ p: Parameters) throws {
        encoder = try DINOv2(c, p["dinov2"])
        classifier = try Linear(p["classifier"], from: 2 * c.hiddenSize, to: c.labels(c.id2label))
    }

    var pictures: PictureShape? { encoder.pictures }

    func callAsFunction(_ input: ModelInput) throws -> ModelOutput {
        let trunk = try encoder.trunk(input)
        let features = Deferred {
            let (rows, sequences) = (encoder.norm(trunk.rows()), trunk.sequences)
            let token = rows.rows(sequences.rows(at: 0))  // [pictures, hidden]
            return token.joined(to: sequences.means(of: rows, skipping: 1))
        }
        return ModelOutput(
            [.init("logits", per: .example, classifier(features.value))],
            trunk: trunk,
            features: features
        )
    }
}
