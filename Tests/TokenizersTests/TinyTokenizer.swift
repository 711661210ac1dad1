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
    /// A whole model in place of the one with the vocabulary above.
    var model: String?

    var json: Data {
        Data(
            """
            {"version": "1.0", "added_tokens": \(addedTokens), "normalizer": \(normalizer),
             "pre_tokenizer": \(preTokenizer), "post_processor": \(postProcessor), \(extra)
             "model": \(model ?? wordPiece)}
            """.utf8
        )
    }

    private var wordPiece: String {
        """
        {"type": "WordPiece", "unk_token": \(unknown), "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 10, "vocab": \(vocabulary)}
        """
    }

    /// A tokenizer of pairs of characters; `options` end with a comma.
    static func bpe(
        vocabulary: String = #"{"a": 0, "b": 1, "ab": 2, "abb": 3}"#,
        merges: String = #"["a b", "ab b"]"#,
        options: String = "",
        normalizer: String = "null",
        preTokenizer: String = "null"
    ) -> TinyTokenizer {
        TinyTokenizer(
            normalizer: normalizer,
            preTokenizer: preTokenizer,
            postProcessor: "null",
            model: """
                {"type": "BPE", \(options) "vocab": \(vocabulary), "merges": \(merges)}
                """
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
