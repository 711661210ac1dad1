/// Encodes a word of a text by the tokens of its vocabulary.
protocol Model: Sendable {
    var vocabulary: Vocabulary { get }

    /// Appends the ids of a word's tokens.
    ///
    /// - Throws: where the vocabulary has no way to say a word.
    func encode(_ word: Substring, into ids: inout [Int32]) throws
}

/// The models by the `type` they have in `tokenizer.json`.
enum Models {
    static let all: ComponentTable<any Model> = [
        "BPE": BPE.init,
        "WordPiece": WordPiece.init,
    ]

    /// The model that a part of the file describes, which in older files does not say its type.
    static func model(_ configuration: Configuration) throws -> any Model {
        if try configuration.optional("type") == nil {
            if try configuration.optional("merges") != nil { return try BPE(configuration) }
            if try configuration.optional("max_input_chars_per_word") != nil {
                return try WordPiece(configuration)
            }
        }
        return try all.component(configuration)
    }
}
