package import FoundationEssentials

/// The tokens of a model's tokenizer and their ids, which is all that a merge of vocabularies needs
/// to know of it: the way from a text to tokens may be one that ``Tokenizer`` does not go.
package struct TokenList: Sendable {
    /// A token that is recognised in the text itself.
    package typealias Added = AddedTokens.Token

    private let vocabulary: Vocabulary
    private let list: [Added]
    private let added: AddedTokens
    /// The added tokens as the file of the tokenizer lists them.
    package let filed: [Added]

    /// Every added token counts once, with its first settings.
    private init(_ vocabulary: Vocabulary, added list: [Added], filed: [Added]) throws {
        var known = Trie()
        self.vocabulary = vocabulary
        self.filed = filed
        self.list = list.filter { token in
            guard !token.content.isEmpty, known.id(of: token.content) == nil else { return false }
            known.insert(token.content, id: 0)
            return true
        }
        added = try AddedTokens(self.list, vocabulary: vocabulary, normalizer: nil)
    }
}

extension TokenList {
    /// The number of tokens.
    package var count: Int { vocabulary.count + added.additional }

    /// The id of a token, or `nil` where there is no such token.
    package func id(of token: String) -> Int32? { added.id(of: token) ?? vocabulary.id(of: token) }

    /// All tokens by their ids.
    package var tokens: [(id: Int32, token: String)] {
        let outside = addedTokens.filter { vocabulary.id(of: $0.token.content) == nil }
        return (vocabulary.entries + outside.map { ($0.id, $0.token.content) })
            .sorted { $0.id < $1.id }
    }

    /// The tokens that are recognised in the text itself, by their ids.
    package var addedTokens: [(id: Int32, token: Added)] {
        list.compactMap { token in added.id(of: token.content).map { ($0, token) } }
            .sorted { $0.id < $1.id }
    }

    /// Whether a token is recognised in the text itself.
    package func isAdded(_ token: String) -> Bool { added.id(of: token) != nil }

    /// Whether the vocabulary itself has a token, added or not.
    package func isInVocabulary(_ token: String) -> Bool { vocabulary.id(of: token) != nil }

    /// The list with more tokens behind it; those that it has stay where and what they are.
    package func adding(_ tokens: [Added]) throws -> TokenList {
        try TokenList(vocabulary, added: list + tokens, filed: filed)
    }

    /// The list without the added tokens from an id on.
    package func droppingAdded(from id: Int) throws -> TokenList {
        let kept = list.filter { token in
            added.id(of: token.content).map { $0 < id } ?? false
        }
        return try TokenList(vocabulary, added: kept, filed: filed)
    }

    /// A token that is found in a text as it stands there, without further conditions.
    package static func plain(_ content: String) -> Added {
        Added(content: content, isNormalized: true)
    }
}

// MARK: - Files

extension TokenList {
    /// Reads the tokens of a model's directory; `nil` where it holds no tokenizer.
    ///
    /// That is `tokenizer.json` with whatever model, or `vocab.txt` or `vocab.json` with
    /// `added_tokens.json`. As in the reference, special tokens that `tokenizer_config.json` names
    /// belong to it, too.
    ///
    /// - Throws: ``TokenizerError`` with the file, the key, what was expected and what was found.
    package init?(directory: URL) throws {
        let named =
            try Tokenizer.configuration(named: "tokenizer_config.json", in: directory)
            .map(Self.named) ?? []
        if let file = try Tokenizer.configuration(named: "tokenizer.json", in: directory) {
            let listed = try file.optional("added_tokens")?.elements().map { try Added($0) } ?? []
            let model = try file.required("model", expected: "an object")
            let tokens = try model.required("vocab", expected: "the tokens")
            let vocabulary =
                if case .list = tokens.value { try Vocabulary(pieces: tokens) } else {
                    try Vocabulary(tokens)
                }
            try self.init(vocabulary, added: listed + named, filed: listed)
            return
        }
        let listed =
            try Tokenizer.configuration(named: "added_tokens.json", in: directory)
            .map(Tokenizer.contents)?.map(Self.plain) ?? []
        if let text = try Tokenizer.content(of: "vocab.txt", in: directory) {
            let lines = try Tokenizer.lines(of: text.data, file: text.path)
            try self.init(Vocabulary(lines: lines), added: listed + named, filed: listed)
        } else if let tokens = try Tokenizer.configuration(named: "vocab.json", in: directory) {
            try self.init(Vocabulary(tokens), added: listed + named, filed: listed)
        } else {
            for name in ["tokenizer.model", "spiece.model", "sentencepiece.bpe.model"] {
                let file = directory.appending(path: name)
                if FileManager.default.fileExists(atPath: file.path) {
                    throw TokenizerError.sentencePieceAlone(file: file.path)
                }
            }
            return nil
        }
    }

    /// The tokens that a `tokenizer_config.json` names: those with an id by it, then special ones.
    private static func named(_ settings: Configuration) throws -> [Added] {
        let decoder = try settings.optional("added_tokens_decoder")
        let listed = try decoder?.entries().map { id, value in
            let path = "\(decoder?.path ?? "").\(id)"
            let entry = Configuration(file: settings.file, path: path, value: value)
            guard let number = Int32(id) else {
                throw entry.unexpected(expected: "an id as its key")
            }
            return (id: number, token: try Added(flags: entry))
        }
        let keys = ["bos", "eos", "unk", "sep", "pad", "cls", "mask"].map { "\($0)_token" }
        var special = try keys.compactMap { try settings.optional($0) }
        special += try settings.optional("additional_special_tokens")?.elements() ?? []
        return (listed ?? []).sorted { $0.id < $1.id }.map(\.token)
            + (try special.map(Self.special))
    }

    /// A special token that is a string or, in newer files, an object.
    private static func special(_ value: Configuration) throws -> Added {
        guard case .object = value.value else { return .special(try value.string()) }
        var token = Added.special(try value.string("content"))
        token.isNormalized = try value.optional("normalized")?.boolean() ?? false
        token.isSingleWord = try value.optional("single_word")?.boolean() ?? false
        token.stripsLeft = try value.optional("lstrip")?.boolean() ?? false
        token.stripsRight = try value.optional("rstrip")?.boolean() ?? false
        return token
    }
}
