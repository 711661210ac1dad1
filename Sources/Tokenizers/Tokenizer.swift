public import FoundationEssentials

/// Turns text into the ids that a model was trained with.
///
/// A tokenizer encodes exactly as the `tokenizers` library of Hugging Face does with the same
/// `tokenizer.json`, Unicode tables of its dependencies included:
///
/// ```swift
/// let tokenizer = try Tokenizer(directory: model)
/// let encoding = try tokenizer.encode("Which way?", truncation: Truncation(maximumLength: 128))
/// ```
///
/// It is a value that never changes, so any number of threads may share it.
public struct Tokenizer: Sendable {
    private let normalizer: (any Normalizer)?
    private let preTokenizer: (any PreTokenizer)?
    private let model: any Model
    private let postProcessor: (any PostProcessor)?
    private let addedTokens: AddedTokens

    /// The truncation that the file asks for; ``encode(_:pair:addSpecialTokens:truncation:)`` does
    /// not apply it by itself.
    public let fileTruncation: Truncation?
    /// The padding that the file asks for; ``encodeBatch(_:addSpecialTokens:truncation:padding:)``
    /// does not apply it by itself.
    public let filePadding: Padding?
    /// The most tokens that the model reads, `nil` where the directory does not say.
    public let maximumLength: Int?
    /// The id of the padding token, `nil` where the tokenizer has none.
    public let padID: Int32?

    init(
        normalizer: (any Normalizer)?,
        preTokenizer: (any PreTokenizer)?,
        model: any Model,
        postProcessor: (any PostProcessor)?,
        addedTokens: [AddedTokens.Token],
        truncation: Truncation? = nil,
        padding: Padding? = nil,
        settings: DirectorySettings
    ) throws {
        self.normalizer = normalizer
        self.preTokenizer = preTokenizer
        self.model = model
        self.postProcessor = postProcessor
        self.addedTokens = try AddedTokens(
            addedTokens,
            vocabulary: model.vocabulary,
            normalizer: normalizer
        )
        fileTruncation = truncation
        filePadding = padding
        maximumLength = settings.maximumLength
        let (added, vocabulary) = (self.addedTokens, model.vocabulary)
        func id(_ token: String) -> Int32? { added.id(of: token) ?? vocabulary.id(of: token) }
        padID =
            settings.paddingToken.flatMap { id($0) } ?? padding?.id ?? id("[PAD]") ?? id("<pad>")
    }
}

// MARK: - Vocabulary

extension Tokenizer {
    /// The number of tokens, added ones among them.
    public var vocabularySize: Int {
        model.vocabulary.count + addedTokens.additional
    }

    /// The id of a token, or `nil` where there is no such token.
    public func id(for token: String) -> Int32? {
        addedTokens.id(of: token) ?? model.vocabulary.id(of: token)
    }

    /// The token of an id, or `nil` where the id has none.
    public func token(for id: Int32) -> String? {
        addedTokens.token(of: id) ?? model.vocabulary.token(of: id)
    }
}

// MARK: - Encoding

extension Tokenizer {
    /// Encodes a text, or a pair of texts that the model reads together.
    ///
    /// - Parameters:
    ///   - text: the text, or the first of the pair.
    ///   - pair: the second text of the pair.
    ///   - addSpecialTokens: whether the tokens of the post-processor are added.
    ///   - truncation: what is cut off and kept in ``Encoding/overflowing``; `nil` keeps all.
    /// - Returns: the tokens of the texts with what the post-processor adds.
    /// - Throws: ``TokenizerError`` where the truncation cannot be done as asked, where a pattern of
    ///   the file takes too long to be searched for, or where a text has no token.
    public func encode(
        _ text: String,
        pair: String? = nil,
        addSpecialTokens: Bool = true,
        truncation: Truncation? = nil
    ) throws -> Encoding {
        var texts = [try tokens(of: text, typeID: 0)]
        if let pair { texts.append(try tokens(of: pair, typeID: 1)) }
        let specialTokens = postProcessor?.specialTokens(isPair: pair != nil) ?? 0
        try truncation?.apply(to: &texts, specialTokens: addSpecialTokens ? specialTokens : 0)
        let parts =
            postProcessor?.process(texts, addSpecialTokens: addSpecialTokens) ?? texts
        var result = Encoding()
        for part in parts { result.append(part) }
        return result
    }

    /// Encodes several texts, or pairs, in their order.
    ///
    /// - Parameters:
    ///   - inputs: the texts, each with the second of its pair or `nil`.
    ///   - addSpecialTokens: whether the tokens of the post-processor are added.
    ///   - truncation: what is cut off; `nil` keeps all.
    ///   - padding: how the encodings are made equally long; `nil` leaves them as they are.
    /// - Returns: one encoding for every input.
    /// - Throws: ``TokenizerError`` where the truncation cannot be done as asked, where a pattern of
    ///   the file takes too long to be searched for, or where a text has no token.
    public func encodeBatch(
        _ inputs: [(text: String, pair: String?)],
        addSpecialTokens: Bool = true,
        truncation: Truncation? = nil,
        padding: Padding? = nil
    ) throws -> [Encoding] {
        var batch = try inputs.map { input in
            try encode(
                input.text,
                pair: input.pair,
                addSpecialTokens: addSpecialTokens,
                truncation: truncation
            )
        }
        padding?.apply(to: &batch)
        return batch
    }

    /// The tokens of one text, without any special ones around it.
    private func tokens(of text: String, typeID: Int32) throws -> Encoding {
        var pieces = try addedTokens.pieces(of: text, normalizer: normalizer)
        if let preTokenizer { pieces = try preTokenizer.split(pieces) }
        var ids: [Int32] = []
        for piece in pieces {
            switch piece {
            case .text(let word): try model.encode(word, into: &ids)
            case .token(let id): ids.append(id)
            }
        }
        return Encoding(ids: ids, tokens: ids.map { token(for: $0) ?? "" }, typeID: typeID)
    }
}

// MARK: - Files

extension Tokenizer {
    /// Reads the bytes of a `tokenizer.json`.
    ///
    /// - Parameters:
    ///   - json: the content of the file.
    ///   - name: what errors call the file.
    /// - Throws: ``TokenizerError`` with the key, what was expected and what was found.
    public init(json: Data, named name: String) throws {
        try self.init(json: json, named: name, settings: DirectorySettings())
    }

    init(json: Data, named name: String, settings: DirectorySettings) throws {
        let file = Configuration(file: name, value: try JSONParser.parse(json, file: name))
        try self.init(
            normalizer: try file.optional("normalizer").map(Normalizers.all.component),
            preTokenizer: try file.optional("pre_tokenizer").map(PreTokenizers.all.component),
            model: try Models.model(try file.required("model", expected: "an object")),
            postProcessor: try file.optional("post_processor").map(PostProcessors.all.component),
            addedTokens: try file.optional("added_tokens")?.elements().map {
                try AddedTokens.Token($0)
            }
                ?? [],
            truncation: try file.optional("truncation").map(Truncation.init),
            padding: try file.optional("padding").map(Padding.init),
            settings: settings
        )
    }
}
