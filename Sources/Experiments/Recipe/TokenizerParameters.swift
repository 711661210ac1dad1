public import OrderedCollections

/// Which tokenizer a merged model gets, and where the embeddings of single tokens come from.
///
/// Kept as mergekit reads it, so that a recipe that says it keeps saying it.
public struct TokenizerParameters: Equatable, Sendable {
    /// Where a vocabulary comes from.
    public enum Source: Hashable, Sendable {
        /// All tokens of all models.
        case union
        /// The base model's.
        case base
        /// The tokenizer of a model.
        case model(ModelReference)
    }

    /// Where the embedding of a token comes from.
    public enum Embedding: Hashable, Sendable {
        /// The same token of a model.
        case model(ModelReference)
        /// A token of a model, by its text.
        case token(String, of: ModelReference)
        /// A token of a model, by its id.
        case identifier(Int, of: ModelReference)
        /// Nowhere: zeros.
        case zero
    }

    /// What is said of one token.
    public struct Token: Hashable, Sendable {
        /// Where its embedding comes from, where that is not for the merge to find out.
        public var source: Embedding?
        /// Whether the source is used even for models that have the token.
        public var force: Bool

        /// A token that is merged as the others are, unless told otherwise.
        public init(source: Embedding? = nil, force: Bool = false) {
            self.source = source
            self.force = force
        }
    }

    /// Where the vocabulary comes from.
    public var source: Source
    /// What is said of single tokens, by their text; those that are new follow in this order.
    public var tokens: OrderedDictionary<String, Token>
    /// What the number of embeddings is rounded up to a multiple of.
    public var padToMultipleOf: Int?

    /// The union of all vocabularies, unless told otherwise.
    public init(
        source: Source = .union,
        tokens: KeyValuePairs<String, Token> = [:],
        padToMultipleOf: Int? = nil
    ) {
        self.source = source
        self.tokens = tokens.reduce(into: [:]) { $0[$1.key] = $1.value }
        self.padToMultipleOf = padToMultipleOf
    }
}

extension Recipe {
    /// What it says of the vocabulary of the merged model; `nil` where that is the base's as it is.
    var vocabulary: TokenizerParameters? {
        tokenizer ?? tokenizerSource.map { TokenizerParameters(source: $0) }
    }

    /// Throws where it says something of vocabulary or template, which a recipe whose models are run
    /// cannot.
    func checkVocabularyKeys() throws {
        let keys = [
            ("tokenizer_source", tokenizerSource != nil), ("tokenizer", tokenizer != nil),
            ("chat_template", chatTemplate != nil),
        ]
        if let key = keys.first(where: \.1)?.0 { throw VocabularyError.withTasks(key: key) }
    }
}

// MARK: Reading

extension ValueReader {
    /// `union`, `base` or a model.
    func tokenizerSource() -> TokenizerParameters.Source? {
        switch scalar?.text {
        case "union": .union
        case "base": .base
        default: model().map(TokenizerParameters.Source.model)
        }
    }

    func tokenizer() -> TokenizerParameters? {
        guard let map = map("a map with `source` and `tokens`") else { return nil }
        var parameters = TokenizerParameters(
            source: map["source"]?.tokenizerSource() ?? .union,
            padToMultipleOf: map["pad_to_multiple_of"]?.integer(atLeast: 1)
        )
        parameters.tokens = map["tokens"]?.tokens() ?? [:]
        map.finish()
        return parameters
    }

    private func tokens() -> OrderedDictionary<String, TokenizerParameters.Token>? {
        entries(of: "tokens")?.reduce(into: [:]) { $0[$1.name] = $1.value.token() }
    }

    private func token() -> TokenizerParameters.Token? {
        guard let map = map("a map with `source`") else { return nil }
        let token = TokenizerParameters.Token(
            source: map["source"]?.embedding(),
            force: map["force"]?.boolean() ?? false
        )
        map.finish()
        return token
    }

    private func embedding() -> TokenizerParameters.Embedding? {
        // A map with `kind` is one of mergekit's special sources, one without it a model.
        guard case .map(let entries) = value.content, entries["kind"] != nil, let map = map() else {
            return model().map(TokenizerParameters.Embedding.model)
        }
        guard let kind: EmbeddingKind = map["kind"]?.choice() else { return nil }
        guard kind == .modelToken else {
            map.finish()
            return .zero
        }
        let model = map.required("model")?.model()
        let given = map.layout(["token", "token_id"])
        let token = given["token"]?.text()
        let identifier = given["token_id"]?.integer(atLeast: 0)
        map.finish()
        guard let model else { return nil }
        return token.map { .token($0, of: model) } ?? identifier.map { .identifier($0, of: model) }
    }
}

private enum EmbeddingKind: String, CaseIterable {
    case modelToken = "model_token"
    case zero
}

// MARK: Writing

extension TokenizerParameters {
    var document: DocumentValue {
        .map([
            ("source", source.document),
            ("tokens", tokens.isEmpty ? nil : .map(tokens.map { ($0.key, $0.value.document) })),
            ("pad_to_multiple_of", padToMultipleOf.map(DocumentValue.integer)),
        ])
    }
}

extension TokenizerParameters.Source {
    var document: DocumentValue {
        switch self {
        case .union: .text("union")
        case .base: .text("base")
        case .model(let reference): reference.document
        }
    }
}

extension TokenizerParameters.Token {
    fileprivate var document: DocumentValue {
        .map([("source", source?.document), ("force", .boolean(force))])
    }
}

extension TokenizerParameters.Embedding {
    fileprivate var document: DocumentValue {
        switch self {
        case .model(let model): model.document
        case .token(let token, let model):
            .map([
                ("kind", .text("model_token")), ("model", model.document), ("token", .text(token)),
            ])
        case .identifier(let identifier, let model):
            .map([
                ("kind", .text("model_token")), ("model", model.document),
                ("token_id", .integer(identifier)),
            ])
        case .zero: .map([("kind", .text("zero"))])
        }
    }
}
