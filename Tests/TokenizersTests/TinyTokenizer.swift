import Foundation

@testable import Tokenizers

/// A tokenizer file in pieces, so that a test can replace one of them.
struct TinyTokenizer {
    var addedTokens = "[]"
    var normalizer = "null"
    var preTokenizer = #"{"type": "WhitespaceSplit"}"#
    var postProcessor = """
        {"type": "BertProcessing", "cls": ["[CLS]", 1], "sep": ["[SEP]", 2]}
        """
    var vocabulary = """
        {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "a": 3, "b": 4, "c": 5, "##a": 6, "##b": 7, "ab": 8}
        """
    var unknown = #""[UNK]""#
    var extra = ""

    var json: Data {
        Data(
            """
            {"version": "1.0", "added_tokens": \(addedTokens), "normalizer": \(normalizer),
             "pre_tokenizer": \(preTokenizer), "post_processor": \(postProcessor), \(extra)
             "model": {"type": "WordPiece", "unk_token": \(unknown),
                "continuing_subword_prefix": "##", "max_input_chars_per_word": 10,
                "vocab": \(vocabulary)}}
            """.utf8
        )
    }

    func tokenizer() throws -> Tokenizer {
        try Tokenizer(json: json, named: "tokenizer.json")
    }

    /// What is wrong with the file, or `nil` where it is read.
    func complaint() -> String? {
        Self.complaint { _ = try tokenizer() }
    }

    /// What a step complains about, or `nil` where it succeeds.
    static func complaint(_ step: () throws -> Void) -> String? {
        do {
            try step()
            return nil
        } catch {
            return "\(error)"
        }
    }
}
