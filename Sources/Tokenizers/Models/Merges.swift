/// The pairs of tokens that become one, in the order in which they were learned.
struct Merges: Sendable {
    /// What becomes of a pair.
    struct Merge: Hashable, Sendable {
        /// The number of merges before this one, which come first.
        let rank: Int
        /// The token that the pair becomes.
        let id: Int32
    }

    private let merges: [UInt64: Merge]

    /// What becomes of a token and the one after it, or `nil` where they stay apart.
    subscript(first: Int32, second: Int32) -> Merge? {
        merges[Self.key(first, second)]
    }

    private static func key(_ first: Int32, _ second: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: first)) << 32 | UInt64(UInt32(bitPattern: second))
    }

    /// Finds the ids of pairs and of what they become.
    ///
    /// As in the reference, of a pair that is listed twice the last one counts. Errors call the list
    /// by its file and key.
    ///
    /// - Throws: the list of all tokens that the vocabulary does not have.
    init(
        _ pairs: [(first: Substring, second: Substring)],
        vocabulary: Vocabulary,
        continuingPrefix: String,
        file: String,
        key: String
    ) throws {
        var merges = [UInt64: Merge](minimumCapacity: pairs.count)
        var unknown: [String] = []
        for (rank, (first, second)) in pairs.enumerated() {
            let isContinuing = second.utf8.starts(with: continuingPrefix.utf8)
            let merged =
                first
                + second.unicodeScalars
                .dropFirst(isContinuing ? continuingPrefix.unicodeScalars.count : 0)
                .reduce(into: "") { $0.unicodeScalars.append($1) }
            let ids = [first, second, merged].map { vocabulary.trie.id(of: $0) }
            guard let firstID = ids[0], let secondID = ids[1], let id = ids[2] else {
                unknown += zip(ids, [first, second, merged]).filter { $0.0 == nil }
                    .map { String($0.1).quoted }
                continue
            }
            merges[Self.key(firstID, secondID)] = Merge(rank: rank, id: id)
        }
        guard unknown.isEmpty else {
            throw TokenizerError.unknownTokens(file: file, key: key, tokens: unknown)
        }
        self.merges = merges
    }
}

// MARK: - Files

extension Merges {
    /// The merges of a `tokenizer.json`: pairs or, in older files, strings with a space.
    init(_ configuration: Configuration, vocabulary: Vocabulary, continuingPrefix: String) throws {
        guard case .list(let elements) = configuration.value else {
            throw configuration.unexpected(expected: "a list of pairs of tokens")
        }
        var pairs: [(Substring, Substring)] = []
        pairs.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            switch element {
            case .string(let line) where line.utf8.starts(with: Self.header.utf8):
                continue
            case .string(let line):
                if let pair = Self.pair(line[...]) {
                    pairs.append(pair)
                    continue
                }
            case .list(let tokens):
                if tokens.count == 2, case .string(let first) = tokens[0],
                    case .string(let second) = tokens[1]
                {
                    pairs.append((first[...], second[...]))
                    continue
                }
            default: break
            }
            let merge = Configuration(
                file: configuration.file,
                path: "\(configuration.path)[\(index)]",
                value: element
            )
            throw merge.unexpected(expected: "two tokens")
        }
        try self.init(
            pairs,
            vocabulary: vocabulary,
            continuingPrefix: continuingPrefix,
            file: configuration.file,
            key: configuration.path
        )
    }

    /// The lines of a `merges.txt`.
    init(lines: [Substring], file: String, vocabulary: Vocabulary) throws {
        let pairs = try lines.enumerated()
            .filter { !$1.utf8.starts(with: Self.header.utf8) }
            .map { index, line in
                guard let pair = Self.pair(line) else {
                    throw TokenizerError.unexpected(
                        file: file,
                        key: "line \(index + 1)",
                        expected: "two tokens with a space between them",
                        found: String(line).quoted
                    )
                }
                return pair
            }
        try self.init(
            pairs,
            vocabulary: vocabulary,
            continuingPrefix: "",
            file: file,
            key: "the list of merges"
        )
    }

    /// What the lines begin with that are no merges.
    private static let header = "#version"

    /// The tokens on both sides of a space.
    private static func pair(_ line: Substring) -> (first: Substring, second: Substring)? {
        // Not as characters: a space and a mark after it are one of these.
        let parts = line.unicodeScalars.split(separator: " ", omittingEmptySubsequences: false)
        return parts.count == 2 ? (Substring(parts[0]), Substring(parts[1])) : nil
    }
}
