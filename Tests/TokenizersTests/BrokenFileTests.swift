import Foundation
import Testing

@testable import Tokenizers

/// Files that a stranger wrote: every one is refused with a sentence, none ends the program.
struct BrokenFileTests {
    private static let special = """
        "single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
        "special": true
        """

    static let files: [(TinyTokenizer, String)] = [
        (
            TinyTokenizer(normalizer: #"{"type": "Wishful"}"#),
            """
            tokenizer.json: normalizer has the type "Wishful", which is not supported; known are \
            BertNormalizer, Lowercase, NFC, NFD, NFKC, NFKD, Replace, Sequence, StripAccents.
            """
        ),
        (
            TinyTokenizer(
                preTokenizer: #"{"type": "Sequence", "pretokenizers": [{"type": "X"}]}"#
            ),
            """
            tokenizer.json: pre_tokenizer.pretokenizers[0] has the type "X", which is not \
            supported; known are BertPreTokenizer, ByteLevel, Punctuation, Sequence, Split, \
            Whitespace, WhitespaceSplit.
            """
        ),
        (
            TinyTokenizer(normalizer: #"{"type": "BertNormalizer", "clean_text": true}"#),
            "tokenizer.json has no normalizer.handle_chinese_chars: expected true or false."
        ),
        (
            TinyTokenizer(normalizer: "[]"),
            "tokenizer.json: normalizer should be an object, found a list of 0."
        ),
        (
            TinyTokenizer(vocabulary: #"{"[UNK]": 0, "a": 2147483648, "b": -1, "c": "1"}"#),
            """
            tokenizer.json: every id in model.vocab should be an integer from 0 to 2147483647, \
            found "a": 2147483648, "b": -1, "c": "1".
            """
        ),
        (
            TinyTokenizer(vocabulary: #"{"[UNK]": 0, "a": 1.5, "b": 1e99}"#),
            """
            tokenizer.json: every id in model.vocab should be an integer from 0 to 2147483647, \
            found "a": 1.5, "b": 1e+99.
            """
        ),
        (
            TinyTokenizer(vocabulary: #"{"[UNK]": 0, "a": 1, "b": 1}"#),
            """
            tokenizer.json: model.vocab gives one id to more than one token: "a" and "b": 1.
            """
        ),
        (
            TinyTokenizer(vocabulary: #"{"[UNK]": 0, "a": 1, "\u0061": 2}"#),
            #"tokenizer.json: model.vocab lists a token more than once: "a"."#
        ),
        (
            TinyTokenizer(vocabulary: #"{"a": 1}"#),
            #"tokenizer.json: model.unk_token names tokens that have no id: "[UNK]"."#
        ),
        (
            TinyTokenizer(unknown: "7"),
            "tokenizer.json: model.unk_token should be a string, found 7."
        ),
        (
            TinyTokenizer(addedTokens: #"[{"id": -1, "content": "x", \#(special)}]"#),
            """
            tokenizer.json: added_tokens[0].id should be an integer from 0 to 2147483647, found -1.
            """
        ),
        (
            TinyTokenizer(postProcessor: #"{"type": "BertProcessing", "cls": ["x"], "sep": []}"#),
            """
            tokenizer.json: post_processor.cls should be a token with its id, found a list of 1.
            """
        ),
        (
            TinyTokenizer(
                postProcessor: """
                    {"type": "TemplateProcessing", "pair": [], "special_tokens": {},
                     "single": [{"SpecialToken": {"id": "y", "type_id": 0}},
                        {"SpecialToken": {"id": "z", "type_id": 0}}]}
                    """
            ),
            """
            tokenizer.json: post_processor.single names tokens that have no id: "y", "z".
            """
        ),
        (
            TinyTokenizer(
                postProcessor: """
                    {"type": "TemplateProcessing", "pair": [], "special_tokens": {},
                     "single": [{"Sequence": {"id": "B", "type_id": 0}}]}
                    """
            ),
            """
            tokenizer.json: post_processor.single[0].Sequence.id should be A, found "B".
            """
        ),
        (
            TinyTokenizer(
                extra: """
                    "padding": {"strategy": {"Fixed": 9000000000000000000}, "direction": "Right",
                        "pad_id": 0, "pad_type_id": 0, "pad_token": "x"},
                    """
            ),
            """
            tokenizer.json: padding.strategy.Fixed should be an integer from 0 to 1048576, found \
            9000000000000000000.
            """
        ),
        (
            TinyTokenizer(extra: #""normalizer": {"type": "NFC"},"#),
            "tokenizer.json has normalizer twice; remove one of them."
        ),
        (
            .bpe(options: #""dropout": 0.1,"#),
            """
            tokenizer.json: model.dropout should be 0 or null, for texts without chance, found 0.1.
            """
        ),
        (
            .bpe(merges: #"["a b", "b c", ["b", "b"]]"#),
            """
            tokenizer.json: model.merges names tokens that have no id: "c", "bc", "bb".
            """
        ),
        (
            .bpe(merges: #"["a b", "ab"]"#),
            #"tokenizer.json: model.merges[1] should be two tokens, found "ab"."#
        ),
        (
            .bpe(merges: #"[["a", "b", "b"]]"#),
            "tokenizer.json: model.merges[0] should be two tokens, found a list of 3."
        ),
        (
            .bpe(merges: #"{"a": "b"}"#),
            """
            tokenizer.json: model.merges should be a list of pairs of tokens, found an object with \
            1 keys.
            """
        ),
        (
            .bpe(vocabulary: #"{"a": 0, "b": 4294967296, "ab": 2}"#),
            """
            tokenizer.json: every id in model.vocab should be an integer from 0 to 2147483647, \
            found "b": 4294967296.
            """
        ),
        (
            .bpe(preTokenizer: #"{"type": "Split", "pattern": "a", "behavior": "Removed"}"#),
            """
            tokenizer.json: pre_tokenizer.pattern should be an object, found "a".
            """
        ),
        (
            .bpe(normalizer: #"{"type": "Replace", "pattern": {"Regex": "a(b"}, "content": ""}"#),
            """
            tokenizer.json: normalizer.pattern.Regex cannot be searched for because of an unpaired \
            parenthesis, at character 1; write the pattern without it.
            """
        ),
        (
            TinyTokenizer(
                postProcessor: """
                    {"type": "Sequence", "processors": [
                        {"type": "BertProcessing", "cls": ["[CLS]", 1], "sep": ["[SEP]", 2]},
                        {"type": "RobertaProcessing", "cls": ["[CLS]", 1], "sep": ["[SEP]", 2]}]}
                    """
            ),
            """
            tokenizer.json: post_processor.processors should be a list of at most one besides \
            ByteLevel, found a list of 2.
            """
        ),
    ]

    @Test(arguments: files)
    func `a broken part is named with its key`(file: TinyTokenizer, complaint: String) {
        #expect(file.complaint() == complaint)
    }

    @Test(
        arguments: [
            ("", "a value", "the end of the file"), ("{", "a key", "the end of the file"),
            ("{\"a\" 1}", "a colon", "'1'"), ("[1,]", "a value", "']'"),
            ("[1 2]", "a comma or a closing bracket", "'2'"),
            ("{} x", "the end of the file", "'x'"),
            ("nul", "null", "'n'"), ("[01]", "a comma or a closing bracket", "'1'"),
            ("[-]", "a digit", "']'"), ("[1.]", "a digit", "']'"), ("+1", "a value", "'+'"),
            ("\"\\x\"", "a known escape", "'x'"),
            ("\"a", "a closing quotation mark", "the end of the file"),
            ("\"\u{1}\"", "an escape in place of a control character", "byte 0x1"),
            ("\"\\ud800\"", "the second half of a surrogate pair", "'\"'"),
            ("\"\\udc00\"", "the second half of a surrogate pair", "'\"'"),
            ("\"\\u12g4\"", "four hexadecimal digits", "'g'"),
        ]
    )
    func `what is not JSON is refused at its byte`(
        text: String,
        expected: String,
        found: String
    ) throws {
        let complaint = TinyTokenizer.complaint {
            _ = try JSONParser.parse(Data(text.utf8), file: "f.json")
        }
        let sentence = try #require(complaint)
        #expect(sentence.hasPrefix("f.json is not valid JSON: expected \(expected) at byte "))
        #expect(sentence.hasSuffix(", found \(found); fetch the file again."))
    }

    @Test func `invalid UTF-8 and bottomless nesting are refused`() throws {
        let bytes = Data([UInt8(ascii: "\""), 0xFF, UInt8(ascii: "\"")])
        #expect(throws: TokenizerError.self) { try JSONParser.parse(bytes, file: "f") }
        let deep = Data(repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(throws: TokenizerError.self) { try JSONParser.parse(deep, file: "f") }
    }

    static let readable: [TinyTokenizer] = [
        TinyTokenizer(),
        .bpe(
            vocabulary: #"{"a": 0, "b": 1, "ab": 2, "Ġ": 3, "@b": 4, "c</w>": 5, "<0x43>": 6}"#,
            merges: #"["a @b", ["ab", "b"]]"#,
            options: """
                "unk_token": "a", "continuing_subword_prefix": "@", "end_of_word_suffix": "</w>",
                "byte_fallback": true,
                """,
            normalizer: #"{"type": "Replace", "pattern": {"Regex": "\\s+(?!b)"}, "content": "a"}"#,
            preTokenizer: """
                {"type": "Sequence", "pretokenizers": [{"type": "Split", "invert": true,
                    "pattern": {"Regex": "[^\\\\s\\\\d]{1,2}+|(?i:'a)"}, "behavior": "Contiguous"},
                    {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true}]}
                """
        ),
    ]

    @Test(arguments: readable)
    func `a file cut short anywhere is refused`(tokenizer: TinyTokenizer) {
        let json = tokenizer.json
        for length in 0..<json.count {
            #expect(throws: TokenizerError.self) {
                try Tokenizer(json: json.prefix(length), named: "f")
            }
        }
    }

    @Test(arguments: readable)
    func `a file with any byte changed is read or refused`(tokenizer: TinyTokenizer) {
        let json = tokenizer.json
        for index in json.indices {
            for byte in [0, UInt8(ascii: "\""), UInt8(ascii: "9"), UInt8(ascii: "["), 0xC3] {
                var changed = json
                changed[index] = byte
                if let tokenizer = try? Tokenizer(json: changed, named: "f") {
                    // A vocabulary that has lost a token may have none for a text.
                    do {
                        _ = try tokenizer.encode("ab [CLS] cab")
                    } catch {
                        #expect("\(error)".hasPrefix("The vocabulary has no token for "))
                    }
                }
            }
        }
    }
}
