/// Takes the longest token that begins a word, then the longest that continues it, to its end.
///
/// A word that cannot be covered, or that has too many scalars, is the unknown token as a whole.
/// Schuster and Nakajima, "Japanese and Korean voice search", 2012; the greedy search is BERT's.
struct WordPiece: Model {
    let vocabulary: Vocabulary
    private let unknownID: Int32
    private let maximumLength: Int
    /// Where tokens that continue a word begin in the vocabulary, `nil` where it has none.
    private let continuation: Trie.Node?

    init(_ configuration: Configuration) throws {
        let unknown = try configuration.required("unk_token", expected: "a string")
        let vocabulary = try Vocabulary(
            try configuration.required("vocab", expected: "tokens with their ids")
        )
        guard let unknownID = vocabulary.id(of: try unknown.string()) else {
            throw TokenizerError.unknownTokens(
                file: unknown.file,
                key: unknown.path,
                tokens: [try unknown.string().quoted]
            )
        }
        self.init(
            vocabulary: vocabulary,
            unknownID: unknownID,
            maximumLength: try configuration.integer("max_input_chars_per_word", in: .counts),
            prefix: try configuration.string("continuing_subword_prefix")
        )
    }

    init(vocabulary: Vocabulary, unknownID: Int32, maximumLength: Int = 100, prefix: String = "##")
    {
        self.vocabulary = vocabulary
        self.unknownID = unknownID
        self.maximumLength = maximumLength
        continuation = vocabulary.trie.node(after: prefix)
    }

    func encode(_ word: Substring, into ids: inout [Int32]) {
        let count = ids.count
        let bytes = word.utf8.span
        guard bytes.count <= maximumLength || word.unicodeScalars.count <= maximumLength else {
            ids.append(unknownID)
            return
        }
        var position = 0
        var root: Trie.Node? = Trie.root
        while position < bytes.count {
            guard let start = root,
                let match = vocabulary.trie.longestMatch(in: bytes, at: position, from: start)
            else {
                ids.replaceSubrange(count..., with: CollectionOfOne(unknownID))
                return
            }
            ids.append(match.id)
            position = match.end
            root = continuation
        }
    }
}
