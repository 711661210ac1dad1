import Testing

@testable import Tokenizers

struct TokenizerTests {
    @Test(
        arguments: [
            ("a b", [3, 4]), ("ab", [8]), ("aba", [8, 6]), ("abc", [0]), ("", []),
            ("aaaaaaaaaa", [3, 6, 6, 6, 6, 6, 6, 6, 6, 6]), ("aaaaaaaaaaa", [0]),
        ] as [(String, [Int32])]
    )
    func `a word is covered by the longest tokens or unknown`(text: String, ids: [Int32]) throws {
        #expect(try TinyTokenizer().tokenizer().encode(text, addSpecialTokens: false).ids == ids)
    }

    @Test func `tokens that look the same stay apart`() throws {
        var tiny = TinyTokenizer()
        tiny.vocabulary = #"{"[UNK]": 0, "\u00e9": 1, "e\u0301": 2, "\u212b": 3, "\u00c5": 4}"#
        let tokenizer = try tiny.tokenizer()
        let ids = try tokenizer.encode(
            "\u{E9} e\u{301} \u{212B} \u{C5}",
            addSpecialTokens: false
        ).ids
        #expect(ids == [1, 2, 3, 4])
        #expect(tokenizer.id(for: "e\u{301}") == 2)
        #expect(tokenizer.token(for: 1)?.unicodeScalars.count == 1)
        #expect(tokenizer.token(for: 2)?.unicodeScalars.count == 2)
    }

    @Test func `an added token gets the id after the vocabulary`() throws {
        var tiny = TinyTokenizer()
        let options = """
            "single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
            "special": false
            """
        tiny.addedTokens = """
            [{"id": 500, "content": "<x>", \(options)}, {"id": 7, "content": "ab", \(options)},
             {"id": 9, "content": "<x", \(options)}]
            """
        let tokenizer = try tiny.tokenizer()
        #expect(tokenizer.vocabularySize == 11)
        #expect(tokenizer.id(for: "<x>") == 9)
        #expect(tokenizer.token(for: 10) == "<x")
        #expect(tokenizer.token(for: 500) == nil)
        let ids = try tokenizer.encode("cabc<x><x", addSpecialTokens: false).ids
        #expect(ids == [5, 8, 5, 9, 10])
    }

    @Test func `what a file says of truncation and padding is told, not done`() throws {
        var tiny = TinyTokenizer()
        tiny.extra = """
            "truncation": {"max_length": 3, "strategy": "OnlyFirst", "stride": 1,
                "direction": "Left"},
            "padding": {"strategy": {"Fixed": 6}, "direction": "Left", "pad_to_multiple_of": 4,
                "pad_id": 5, "pad_type_id": 1, "pad_token": "c"},
            """
        let tokenizer = try tiny.tokenizer()
        let truncation = Truncation(maximumLength: 3, strategy: .onlyFirst, stride: 1, side: .left)
        let padding = Padding(
            length: .fixed(6),
            multiple: 4,
            side: .left,
            id: 5,
            typeID: 1,
            token: "c"
        )
        #expect(tokenizer.fileTruncation == truncation)
        #expect(tokenizer.filePadding == padding)
        #expect(tokenizer.padID == 5)
        #expect(try tokenizer.encode("a b a b").ids == [1, 3, 4, 3, 4, 2])
        let done = try tokenizer.encodeBatch(
            [("a b c", nil)],
            truncation: Truncation(maximumLength: 4),
            padding: padding
        )
        #expect(done[0].ids == [5, 5, 5, 5, 1, 3, 4, 2])
        #expect(done[0].attentionMask == [0, 0, 0, 0, 1, 1, 1, 1])
        #expect(done[0].specialTokensMask == [1, 1, 1, 1, 1, 0, 0, 1])
        #expect(done[0].tokens == ["c", "c", "c", "c", "[CLS]", "a", "b", "[SEP]"])
        #expect(done[0].overflowing.map(\.ids) == [[5, 5, 5, 5, 5, 1, 5, 2]])
    }

    @Test func `windows of both texts are combined with each other`() throws {
        let encoding = try TinyTokenizer().tokenizer().encode(
            "a b c",
            pair: "c b a",
            addSpecialTokens: false,
            truncation: Truncation(maximumLength: 4)
        )
        #expect(encoding.ids == [3, 4, 5, 4])
        let windows: [[Int32]] = [[5, 5, 4], [5, 3], [3, 4, 3]]
        #expect(encoding.overflowing.map(\.ids) == windows)
        #expect(encoding.overflowing[1].typeIDs == [0, 1])
    }

    @Test func `where special tokens take all the room, the texts overflow whole`() throws {
        let tokenizer = try TinyTokenizer().tokenizer()
        let encoding = try tokenizer.encode("a b", truncation: Truncation(maximumLength: 2))
        #expect(encoding.ids == [1, 2])
        #expect(encoding.overflowing.map(\.ids) == [[1, 3, 4, 2]])
    }

    @Test(
        arguments: [
            (
                Truncation(maximumLength: 1), nil,
                TokenizerError.noRoom(maximumLength: 1, specialTokens: 2)
            ),
            (Truncation(maximumLength: .min), nil, .noRoom(maximumLength: .min, specialTokens: 2)),
            (Truncation(maximumLength: 3, strategy: .onlySecond), nil, .noSecondText),
            (
                Truncation(maximumLength: 4, strategy: .onlySecond), "c",
                .tooShort(length: 1, excess: 3)
            ),
            (Truncation(maximumLength: 4, stride: 2), nil, .strideTooLong(stride: 2, length: 2)),
            (Truncation(maximumLength: 4, stride: -1), nil, .strideTooLong(stride: -1, length: 2)),
        ] as [(Truncation, String?, TokenizerError)]
    )
    func `a truncation that cannot be done is an error`(
        truncation: Truncation,
        pair: String?,
        error: TokenizerError
    ) throws {
        let tokenizer = try TinyTokenizer().tokenizer()
        #expect(throws: error) {
            try tokenizer.encode("a b c", pair: pair, truncation: truncation)
        }
    }

    @Test func `a template sets segments and may repeat or leave out a text`() throws {
        var tiny = TinyTokenizer()
        tiny.postProcessor = """
            {"type": "TemplateProcessing",
             "single": [{"Sequence": {"id": "A", "type_id": 5}},
                {"SpecialToken": {"id": "end", "type_id": 6}}],
             "pair": [{"Sequence": {"id": "B", "type_id": 1}},
                {"Sequence": {"id": "B", "type_id": 2}}],
             "special_tokens": {"end": {"id": "end", "ids": [2, 2], "tokens": ["[SEP]", "[SEP]"]}}}
            """
        let tokenizer = try tiny.tokenizer()
        let single = try tokenizer.encode("a")
        #expect(single.ids == [3, 2, 2])
        #expect(single.typeIDs == [5, 6, 6])
        #expect(single.specialTokensMask == [0, 1, 1])
        #expect(try tokenizer.encode("a", addSpecialTokens: false).typeIDs == [5])
        let pair = try tokenizer.encode("a", pair: "b c")
        #expect(pair.ids == [4, 5, 4, 5])
        #expect(pair.typeIDs == [1, 1, 2, 2])
    }
}
