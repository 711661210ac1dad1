/// The tokens of a model and their ids, which may have gaps.
struct Vocabulary: Sendable {
    /// Finds tokens along a text.
    let trie: Trie
    /// The number of tokens.
    let count: Int
    private let tokens: [Int32: String]

    /// The tokens of an object that gives each its id.
    ///
    /// - Throws: the list of all ids that are none, of all tokens that occur twice, or of all
    ///   tokens that share an id.
    init(_ configuration: Configuration) throws {
        let entries = try configuration.entries()
        var trie = Trie()
        var tokens = [Int32: String](minimumCapacity: entries.count)
        var invalid: [String] = []
        var repeated: [String] = []
        var shared: [String] = []
        for (token, value) in entries {
            guard case .integer(let integer) = value, let id = Int32(exactly: integer), id >= 0
            else {
                invalid.append("\(token.quoted): \(value)")
                continue
            }
            if trie.id(of: token) != nil { repeated.append(token.quoted) }
            if let other = tokens.updateValue(token, forKey: id) {
                shared.append("\(other.quoted) and \(token.quoted): \(id)")
            }
            trie.insert(token, id: id)
        }
        let (file, key) = (configuration.file, configuration.path)
        guard invalid.isEmpty else {
            throw TokenizerError.invalidIDs(file: file, key: key, tokens: invalid)
        }
        guard repeated.isEmpty else {
            throw TokenizerError.repeatedTokens(file: file, key: key, tokens: repeated)
        }
        guard shared.isEmpty else {
            throw TokenizerError.sharedIDs(file: file, key: key, tokens: shared)
        }
        self.trie = trie
        self.tokens = tokens
        count = tokens.count
    }

    /// The pieces of a unigram model, each a token with its score, whose ids are their places.
    ///
    /// - Throws: the list of all tokens that occur twice.
    init(pieces configuration: Configuration) throws {
        let pieces = try configuration.elements()
        var trie = Trie()
        var tokens = [Int32: String](minimumCapacity: pieces.count)
        var repeated: [String] = []
        for (id, piece) in zip(Int32(0)..., pieces) {
            guard let token = try piece.elements().first?.string() else {
                throw piece.unexpected(expected: "a token with its score")
            }
            if trie.id(of: token) != nil { repeated.append(token.quoted) }
            trie.insert(token, id: id)
            tokens[id] = token
        }
        guard repeated.isEmpty else {
            throw TokenizerError.repeatedTokens(
                file: configuration.file,
                key: configuration.path,
                tokens: repeated
            )
        }
        self.trie = trie
        self.tokens = tokens
        count = tokens.count
    }

    /// The lines of a `vocab.txt`, each a token whose id is the number of lines before it.
    ///
    /// Some published files list a token twice; as in the reference, the last line counts.
    init(lines: [Substring]) {
        var trie = Trie()
        var tokens = [Int32: String](minimumCapacity: lines.count)
        var repetitions = 0
        for (id, line) in zip(Int32(0)..., lines) {
            if trie.id(of: line) != nil { repetitions += 1 }
            trie.insert(line, id: id)
            tokens[id] = String(line)
        }
        self.trie = trie
        self.tokens = tokens
        count = tokens.count - repetitions
    }

    /// The id of a token, or `nil` where there is no such token.
    func id(of token: String) -> Int32? {
        trie.id(of: token)
    }

    /// The ids of tokens that a model cannot do without.
    ///
    /// - Throws: the list of those that have none.
    func ids(of required: [String], file: String) throws -> [Int32] {
        let missing = required.filter { id(of: $0) == nil }
        guard missing.isEmpty else {
            throw TokenizerError.unknownTokens(
                file: file,
                key: "the list of tokens",
                tokens: missing.map(\.quoted)
            )
        }
        return required.compactMap { id(of: $0) }
    }

    /// The token of an id, or `nil` where the id has none.
    func token(of id: Int32) -> String? {
        tokens[id]
    }

    /// The tokens by their ids; of a token that a `vocab.txt` lists twice, the id that counts.
    var entries: [(id: Int32, token: String)] {
        tokens.filter { trie.id(of: $1) == $0 }.sorted { $0.key < $1.key }
            .map { (id: $0.key, token: $0.value) }
    }
}
