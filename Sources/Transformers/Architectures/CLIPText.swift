internal import Autograd
internal import Foundation
internal import Tensors

/// The text tower of CLIP (Radford and others, 2021, arXiv:2103.00020).
struct CLIPText: Transformer {
    struct Configuration: ModelConfiguration {
        static let section = "text_config"

        var vocabSize = 49408
        var hiddenSize = 512
        var intermediateSize = 2048
        var projectionDim = 512
        var numHiddenLayers = 12
        var numAttentionHeads = 8
        var maxPositionEmbeddings = 77
        var hiddenAct = "quick_gelu"
        var layerNormEps: Float = 1e-5
        var eosTokenId = 49407

        func validate() throws {
            try require("vocab_size", vocabSize)
            try require("hidden_size", hiddenSize)
            try require("intermediate_size", intermediateSize)
            try require("projection_dim", projectionDim)
            try require("num_hidden_layers", numHiddenLayers)
            try require(heads: numAttentionHeads, dividing: hiddenSize)
            try require("max_position_embeddings", maxPositionEmbeddings)
            try require("eos_token_id", eosTokenId, atLeast: 0)
            _ = try activation("hidden_act", hiddenAct)
        }
    }

    let words, positions: Embedding
    let blocks: [PreNormBlock]
    let norm: LayerNorm
    let endID: Int32

    init(_ c: Configuration, _ p: Parameters) throws {
        let (width, embedding) = (c.hiddenSize, p["embeddings"])
        words = try Embedding(embedding["token_embedding"], count: c.vocabSize, width: width)
        positions = try Embedding(
            embedding["position_embedding"],
            count: c.maxPositionEmbeddings,
            width: width
        )
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
        norm = try LayerNorm(p["final_layer_norm"], width: width, epsilon: c.layerNormEps)
        endID = Int32(c.eosTokenId)
    }

    /// The texts before the last norm.
    func trunk(_ batch: TokenBatch) throws -> Trunk {
        let (sequences, mask) = (batch.sequences, batch.keyBias)
        let rows = try words(batch.ids) + positions(batch.positions)
        return Trunk(blocks, on: rows, sequences) {
            $0($1, sequences, causal: true, keyBias: mask, reading: $2)
        }
    }

    /// The token that each text is read at: `[texts, hidden]`.
    func pooled(_ rows: Variable, _ batch: TokenBatch) -> Variable {
        rows.rows(batch.ends(id: endID))
    }

    func callAsFunction(_ input: ModelInput) throws -> ModelOutput {
        guard case .tokens(let batch) = input else { throw ModelInputError.expectsTokens }
        let trunk = try trunk(batch)
        let rows = norm(trunk.rows())
        return ModelOutput(
            [
                .init("last_hidden_state", per: .token, rows),
                .init("pooler_output", per: .example, pooled(rows, batch)),
            ],
            trunk: trunk
        )
    }
}

extension TokenBatch {
    /// The first token of each text that ends it, or its first token where none does.
    ///
    /// Configurations of the first published models say 2, which is wrong; as in transformers it
    /// stands for the highest id of the text. Where padding has the end's own id it follows a real
    /// end, so it does not matter that it is left out.
    fileprivate func ends(id: Int32) -> [Int32] {
        sequences.lengths.indices.map { text in
            let range = sequences.offsets[text]..<sequences.offsets[text + 1]
            let end = id == 2 ? ids[range].max() ?? id : id
            return Int32(ids[range].firstIndex(of: end) ?? range.lowerBound)
        }
    }
}

/// The text tower of CLIP with its projection into the space that it shares with pictures.
struct CLIPTextWithProjection: Transformer {
    let tower: CLIPText
    let projection: Linear

    init(_ c: CLIPText.Configuration, _ p: Parameters) throws {
        tower = try CLIPText(c, p["text_model"])
        projection = try Linear(
            p["text_projection"],
            from: c.hiddenSize,
            to: c.projectionDim,
            bias: false
        )
    }

    func callAsFunction(_ input: ModelInput) throws -> ModelOutput {
        guard case .tokens(let batch) = input else { throw ModelInputError.expectsTokens }
        let trunk = try tower.trunk(batch)
        let rows = tower.norm(trunk.rows())
        return ModelOutput(
            [
                .init("text_embeds", per: .example, projection(tower.pooled(rows, batch))),
                .init("last_hidden_state", per: .token, rows),
            ],
            trunk: trunk
        )
    }
}
