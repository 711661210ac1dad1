/// Splits a normalized input into the words that the model encodes one by one.
protocol PreTokenizer: Sendable {
    /// The pieces of an input with their texts split; tokens that were recognised stay as they are.
    ///
    /// - Throws: where a pattern of the file cannot be searched for in a text.
    func split(_ pieces: [Piece]) throws -> [Piece]
}

/// The pre-tokenizers by the `type` they have in `tokenizer.json`.
enum PreTokenizers {
    static let all: ComponentTable<any PreTokenizer> = [
        "BertPreTokenizer": { _ in BertPreTokenizer() },
        "ByteLevel": ByteLevel.init,
        "Punctuation": Punctuation.init,
        "Sequence": PreTokenizerSequence.init,
        "Split": Split.init,
        "Whitespace": { _ in Whitespace() },
        "WhitespaceSplit": { _ in WhitespaceSplit() },
    ]
}

/// Several pre-tokenizers, one after the other.
struct PreTokenizerSequence: PreTokenizer {
    let preTokenizers: [any PreTokenizer]

    init(_ configuration: Configuration) throws {
        preTokenizers = try configuration.required("pretokenizers", expected: "a list")
            .elements().map { try PreTokenizers.all.component($0) }
    }

    init(_ preTokenizers: [any PreTokenizer]) {
        self.preTokenizers = preTokenizers
    }

    func split(_ pieces: [Piece]) throws -> [Piece] {
        try preTokenizers.reduce(pieces) { pieces, preTokenizer in try preTokenizer.split(pieces) }
    }
}
