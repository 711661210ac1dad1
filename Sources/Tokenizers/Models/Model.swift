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
        "WordPiece": WordPiece.init
    ]
}
