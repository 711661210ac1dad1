internal import Autograd
internal import Foundation
internal import Tensors

/// BERT (Devlin, Chang, Lee and Toutanova, 2019, arXiv:1810.04805).
struct BERT: Transformer {
    struct Configuration: ModelConfiguration {
        var vocabSize = 30522
        var hiddenSize = 768
        var numHiddenLayers = 12
        var numAttentionHeads = 12
        var intermediateSize = 3072
        var hiddenAct = "gelu"
        var maxPositionEmbeddings = 512
        var typeVocabSize = 2
        var layerNormEps: Float = 1e-12
        var positionEmbeddingType = "absolute"
        var isDecoder = false
        var id2label = ["0": "LABEL_0", "1": "LABEL_1"]

        func validate() throws {
            try require("vocab_size", vocabSize)
            try require("hidden_size", hiddenSize)
            try require("num_hidden_layers", numHiddenLayers)
            try require(heads: numAttentionHeads, dividing: hiddenSize)
            try require("intermediate_size", intermediateSize)
            try require("max_position_embeddings", maxPositionEmbeddings)
            try require("type_vocab_size", typeVocabSize)
            guard positionEmbeddingType == "absolute" else {
                throw ConfigurationError.outOfRange(
                    key: "position_embedding_type",
                    found: positionEmbeddingType,
                    expected: "absolute"
                )
            }
            guard !isDecoder else {
                throw ConfigurationError.outOfRange(
                    key: "is_decoder",
                    found: "true",
                    expected: "false, as only BERT encoders are known"
                )
            }
            _ = try activation("hidden_act", hiddenAct)
        }
    }

    let embeddings: Embeddings
    let layers: [Layer]
    let pooler: Linear?

    init(_ c: Configuration, _ p: Parameters) throws {
        embeddings = try Embeddings(c, p["embeddings"])
        layers = try (0..<c.numHiddenLayers).map { try Layer(c, p["encoder"]["layer"][$0]) }
        let dense = p["pooler"]["dense"]
        // Encoders saved without a pooler are common among sentence embedders.
        pooler =
            dense.source.contains(dense["weight"].path)
            ? try Linear(dense, from: c.hiddenSize, to: c.hiddenSize) : nil
    }

    func trunk(_ input: ModelInput) throws -> Trunk {
        guard case .tokens(let batch) = input else { throw ModelInputError.expectsTokens }
        let (sequences, mask) = (batch.sequences, batch.keyBias)
        let rows = try embeddings.looked(up: batch)
        return Trunk(layers, on: embeddings.norm(rows), sequences) {
            $0($1, sequences, keyBias: mask, reading: $2)
        }
    }

    /// The pooled first token of each text: `[texts, hidden]`.
    static func pooled(_ trunk: Trunk, by pooler: Linear) -> Variable {
        pooler(trunk.rows(at: 0)).activated(by: .tanh)
    }

    func callAsFunction(_ input: ModelInput) throws -> ModelOutput {
        let trunk = try trunk(input)
        let pooled = pooler.map { pooler in
            ModelOutput.Entry("pooler_output", per: .example, Self.pooled(trunk, by: pooler))
        }
        return ModelOutput(
            [.init("last_hidden_state", per: .token, trunk.rows())] + [pooled].compactMap(\.self),
            trunk: trunk
        )
    }
}

extension BERT {
    struct Embeddings: Sendable {
        let words, positions, types: Embedding
        let norm: LayerNorm

        init(_ c: Configuration, _ p: Parameters) throws {
            let width = c.hiddenSize
            words = try Embedding(p["word_embeddings"], count: c.vocabSize, width: width)
            positions = try Embedding(
                p["position_embeddings"],
                count: c.maxPositionEmbeddings,
                width: width
            )
            types = try Embedding(p["token_type_embeddings"], count: c.typeVocabSize, width: width)
            norm = try LayerNorm(p["LayerNorm"], width: width, epsilon: c.layerNormEps)
        }

        /// The sums of the three tables' rows before the norm: `[tokens, hidden]`.
        func looked(up batch: TokenBatch) throws -> Variable {
            try words(batch.ids) + positions(batch.positions) + types(batch.typeIDs)
        }
    }

    struct Layer: TransformerBlock {
        let attention: SelfAttention
        let feedForward: FeedForward
        let attentionNorm, outputNorm: LayerNorm

        init(_ c: Configuration, _ p: Parameters) throws {
            let width = c.hiddenSize
            let (inner, output) = (p["attention"]["self"], p["attention"]["output"])
            attention = SelfAttention(
                query: try Linear(inner["query"], from: width, to: width),
                key: try Linear(inner["key"], from: width, to: width),
                value: try Linear(inner["value"], from: width, to: width),
                output: try Linear(output["dense"], from: width, to: width),
                heads: c.numAttentionHeads
            )
            attentionNorm = try LayerNorm(
                output["LayerNorm"],
                width: width,
                epsilon: c.layerNormEps
            )
            feedForward = FeedForward(
                up: try Linear(p["intermediate"]["dense"], from: width, to: c.intermediateSize),
                down: try Linear(p["output"]["dense"], from: c.intermediateSize, to: width),
                activation: try c.activation("hidden_act", c.hiddenAct)
            )
            outputNorm = try LayerNorm(
                p["output"]["LayerNorm"],
                width: width,
                epsilon: c.layerNormEps
            )
        }

        func callAsFunction(
            _ x: Variable,
            _ sequences: Sequences,
            keyBias: Tensor?,
            reading tokens: ReadTokens?
        ) -> Variable {
            let context = attention(x, sequences, keyBias: keyBias, reading: tokens, adding: x)
            let attended = attentionNorm(context)
            return outputNorm(feedForward(attended, adding: attended))  // [read, hidden]
        }
    }
}

/// BERT with a linear classifier on the pooled first token.
struct BERTForSequenceClassification: Transformer {
    let bert: BERT
    let pooler, classifier: Linear

    init(_ c: BERT.Configuration, _ p: Parameters) throws {
        bert = try BERT(c, p["bert"])
        classifier = try Linear(p["classifier"], from: c.hiddenSize, to: c.labels(c.id2label))
        guard let pooler = bert.pooler else {
            let path = p["bert"]["pooler"]["dense"]["weight"].path
            throw ParameterError.missing(
                name: path,
                shape: [c.hiddenSize, c.hiddenSize],
                source: "the model"
            )
        }
        self.pooler = pooler
    }

    func callAsFunction(_ input: ModelInput) throws -> ModelOutput {
        let trunk = try bert.trunk(input)
        let features = Deferred { BERT.pooled(trunk, by: pooler) }
        return ModelOutput(
            [.init("logits", per: .example, classifier(features.value))],
            trunk: trunk,
            features: features
        )
    }
}
