internal import HeapModule

/// Begins with the characters of a word and merges neighbours, the pair learned first before others.
///
/// Sennrich, Haddow and Birch, "Neural machine translation of rare words with subword units", 2016
/// (arXiv:1508.07909). A word of n characters takes O(n log n) steps. Words are remembered, up to a
/// number of them.
struct BPE: Model {
    let vocabulary: Vocabulary
    private let merges: Merges
    private let options: Options
    private let cache = WordCache()

    /// How a model treats the ends of words and what it has no token for.
    struct Options: Sendable {
        /// What the tokens begin with that do not begin a word.
        var continuingPrefix = ""
        /// What the tokens end with that end a word.
        var wordSuffix = ""
        /// The token of a character that the vocabulary does not have.
        var unknownToken: String?
        /// Whether unknown characters side by side are one unknown token.
        var fusesUnknown = false
        /// Whether an unknown character is the tokens of its bytes, as `<0x0A>`, if there are such.
        var fallsBackToBytes = false
        /// Whether a word that is a token stays whole, whatever its merges.
        var ignoresMerges = false
    }

    init(_ configuration: Configuration) throws {
        if let dropout = try configuration.optional("dropout") {
            switch dropout.value {
            case .integer(0), .number(0): break
            default: throw dropout.unexpected(expected: "0 or null, for texts without chance")
            }
        }
        let options = Options(
            continuingPrefix: try configuration.optional("continuing_subword_prefix")?.string()
                ?? "",
            wordSuffix: try configuration.optional("end_of_word_suffix")?.string() ?? "",
            unknownToken: try configuration.optional("unk_token")?.string(),
            fusesUnknown: try configuration.optional("fuse_unk")?.boolean() ?? false,
            fallsBackToBytes: try configuration.optional("byte_fallback")?.boolean() ?? false,
            ignoresMerges: try configuration.optional("ignore_merges")?.boolean() ?? false
        )
        let vocabulary = try Vocabulary(
            try configuration.required("vocab", expected: "tokens with their ids")
        )
        let merges = try Merges(
            try configuration.required("merges", expected: "a list of pairs of tokens"),
            vocabulary: vocabulary,
            continuingPrefix: options.continuingPrefix
        )
        self.init(vocabulary: vocabulary, merges: merges, options: options)
    }

    init(vocabulary: Vocabulary, merges: Merges, options: Options) {
        self.vocabulary = vocabulary
        self.merges = merges
        self.options = options
    }

    func encode(_ word: Substring, into ids: inout [Int32]) throws {
        if options.ignoresMerges, let id = vocabulary.trie.id(of: word) {
            ids.append(id)
            return
        }
        if let known = cache.ids(of: word) {
            ids += known
            return
        }
        let merged = merged(try symbols(of: word))
        cache.insert(merged, for: word)
        ids += merged
    }
}

// MARK: - Characters

extension BPE {
    /// The tokens of a word's characters, before any merge.
    ///
    /// As in the reference, an unknown token is written before the next known character, but after
    /// characters in between that fall back to bytes.
    private func symbols(of word: Substring) throws -> [Int32] {
        let scalars = word.unicodeScalars
        var ids: [Int32] = []
        ids.reserveCapacity(word.utf8.count)
        var unknown: Int32?
        for index in scalars.indices {
            let next = scalars.index(after: index)
            var symbol = Substring(scalars[index..<next])
            if index != scalars.startIndex { symbol = options.continuingPrefix + symbol }
            if next == scalars.endIndex { symbol += options.wordSuffix }
            if let id = vocabulary.trie.id(of: symbol) {
                if let unknown { ids.append(unknown) }
                unknown = nil
                ids.append(id)
            } else if let bytes = bytes(of: symbol) {
                ids += bytes
            } else {
                guard let id = options.unknownToken.flatMap({ vocabulary.id(of: $0) }) else {
                    throw TokenizerError.noToken(text: String(symbol))
                }
                if let unknown, !options.fusesUnknown { ids.append(unknown) }
                unknown = id
            }
        }
        if let unknown { ids.append(unknown) }
        return ids
    }

    /// The tokens that stand for the bytes of a character, unless one of them is not there.
    private func bytes(of symbol: Substring) -> [Int32]? {
        guard options.fallsBackToBytes else { return nil }
        var ids: [Int32] = []
        for byte in symbol.utf8 {
            let digits = String(byte, radix: 16, uppercase: true)
            guard let id = vocabulary.id(of: "<0x\(byte < 16 ? "0" : "")\(digits)>") else {
                return nil
            }
            ids.append(id)
        }
        return ids
    }
}

// MARK: - Merging

extension BPE {
    /// A merge that may come, of the token at a place with the token after it.
    private struct Candidate: Comparable {
        let merge: Merges.Merge
        let position: Int

        static func < (left: Candidate, right: Candidate) -> Bool {
            (left.merge.rank, left.position) < (right.merge.rank, right.position)
        }
    }

    /// The tokens after all merges, the first learned first and the leftmost first among the same.
    ///
    /// The tokens are a linked list. A candidate whose tokens have been merged with others since is
    /// found out when its turn comes.
    private func merged(_ symbols: [Int32]) -> [Int32] {
        guard symbols.count > 1 else { return symbols }
        let removed: Int32 = -1
        var ids = symbols
        var following = Array(1...symbols.count)
        var preceding = Array(-1..<symbols.count - 1)
        var candidates = Heap<Candidate>()

        func consider(_ position: Int) {
            let next = following[position]
            guard next < ids.count, let merge = merges[ids[position], ids[next]] else { return }
            candidates.insert(Candidate(merge: merge, position: position))
        }

        for position in ids.indices { consider(position) }
        while let candidate = candidates.popMin() {
            let position = candidate.position
            let next = following[position]
            guard ids[position] != removed, next < ids.count,
                merges[ids[position], ids[next]]?.id == candidate.merge.id
            else { continue }
            ids[position] = candidate.merge.id
            ids[next] = removed
            following[position] = following[next]
            if following[next] < ids.count { preceding[following[next]] = position }
            if preceding[position] >= 0 { consider(preceding[position]) }
            consider(position)
        }
        ids.removeAll { $0 == removed }
        return ids
    }
}
