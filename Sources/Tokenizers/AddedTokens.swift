/// Tokens that are recognised in the text itself, before a model sees it.
package struct AddedTokens: Sendable {
    /// A token with the conditions under which it is recognised.
    package struct Token: Sendable, Equatable {
        /// Its text.
        package let content: String
        /// Whether the token is searched in the normalized text, in its own normalized form.
        package var isNormalized = false
        /// Whether the token must not touch a word character.
        package var isSingleWord = false
        /// Whether the token takes in the white space before it.
        package var stripsLeft = false
        /// Whether the token takes in the white space after it.
        package var stripsRight = false
        /// Whether the token is left out when ids are turned into text.
        package var isSpecial = false
    }

    private var tokens: [Int32: Token] = [:]
    private var ids = Trie()
    private var verbatim = Trie()
    private var normalized = Trie()
    /// The number of added tokens that are not in the model's vocabulary.
    private(set) var additional = 0

    /// Registers tokens in the order of the file.
    ///
    /// As in the reference, a token has the id that the model's vocabulary gives it, and otherwise
    /// the first id after the vocabulary; what the file says of its id does not matter. Where two
    /// tokens look alike once they are normalized, the reference picks one of them by chance; here
    /// it is the first.
    init(_ list: [Token], vocabulary: Vocabulary, normalizer: (any Normalizer)?) throws {
        var order: [Int32] = []
        var next = Int32(clamping: vocabulary.count)
        for token in list where !token.content.isEmpty {
            let known = ids.id(of: token.content) ?? vocabulary.id(of: token.content)
            let id = known ?? next
            if known == nil {
                additional += 1
                next += 1
            }
            ids.insert(token.content, id: id)
            if tokens.updateValue(token, forKey: id) == nil { order.append(id) }
        }
        for id in order {
            guard let token = tokens[id] else { continue }
            guard token.isNormalized else {
                verbatim.insert(token.content, id: id)
                continue
            }
            let content = try normalizer?.normalize(token.content) ?? token.content
            if normalized.id(of: content) == nil { normalized.insert(content, id: id) }
        }
    }

    /// The id of an added token.
    func id(of token: String) -> Int32? {
        ids.id(of: token)
    }

    /// The added token of an id.
    func token(of id: Int32) -> String? {
        tokens[id]?.content
    }
}

// MARK: - Recognition

extension AddedTokens {
    /// A text with the added tokens in it recognised and what lies between them normalized.
    func pieces(of text: String, normalizer: (any Normalizer)?) throws -> [Piece] {
        var pieces: [Piece] = []
        split(text, at: verbatim, into: &pieces)
        return try pieces.replacingTexts { text, pieces in
            let text = try normalizer?.normalize(String(text)) ?? String(text)
            split(text, at: normalized, into: &pieces)
        }
    }

    /// Appends the tokens of a set that occur in a text, and the texts between them.
    ///
    /// The leftmost token wins, and of several at one place the longest; one that does not meet
    /// its conditions is skipped with its text. As in the reference, white space that a token has
    /// taken in is still searched, and a token to which nothing is left there is dropped.
    private func split(_ text: String, at set: Trie, into pieces: inout [Piece]) {
        let scalars = text.unicodeScalars
        let bytes = text.utf8.span
        var rest = text.startIndex
        var position = 0
        while position < bytes.count {
            guard let match = set.longestMatch(in: bytes, at: position),
                let token = tokens[match.id]
            else {
                position += 1
                continue
            }
            var start = text.utf8.index(text.startIndex, offsetBy: position)
            var end = text.utf8.index(text.startIndex, offsetBy: match.end)
            position = match.end
            if token.isSingleWord {
                let before = scalars[..<start].last?.isAny(of: .word) ?? false
                let after = scalars[end...].first?.isAny(of: .word) ?? false
                if before || after { continue }
            }
            if token.stripsLeft {
                let spaces = scalars[..<start].reversed().prefix { $0.isAny(of: .whitespace) }
                start = max(spaces.endIndex.base, rest)
            }
            if token.stripsRight {
                end = scalars[end...].prefix { $0.isAny(of: .whitespace) }.endIndex
            }
            if rest < start { pieces.append(Substring(scalars[rest..<start])) }
            if start < end { pieces.append(.token(match.id)) }
            rest = end
        }
        pieces.append(Substring(scalars[rest...]))
    }
}

// MARK: - Files

extension AddedTokens.Token {
    /// A token that stands for itself, wherever it occurs.
    static func special(_ content: String) -> Self {
        Self(content: content, isSpecial: true)
    }

    init(_ configuration: Configuration) throws {
        _ = try configuration.required("id", expected: "an id").id()
        try self.init(flags: configuration)
    }

    /// A token of an object that does not say its id.
    init(flags configuration: Configuration) throws {
        self.init(
            content: try configuration.string("content"),
            isNormalized: try configuration.boolean("normalized"),
            isSingleWord: try configuration.boolean("single_word"),
            stripsLeft: try configuration.boolean("lstrip"),
            stripsRight: try configuration.boolean("rstrip"),
            isSpecial: try configuration.boolean("special")
        )
    }
}
