import Foundation
import Testing

@testable import Tokenizers

@Suite struct `The tokens of a model` {
    private func list(_ files: [String: String]) throws -> TokenList? {
        let folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appending(path: "tokens-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files {
            try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
        }
        return try TokenList(directory: folder)
    }

    private let added = """
        {"id": 7, "content": "<x>", "single_word": false, "lstrip": true, "rstrip": false,
         "normalized": false, "special": false}
        """

    @Test func `of a unigram model are its pieces in their order`() throws {
        let tokens = try #require(
            try list([
                "tokenizer.json": """
                {"added_tokens": [\(added)],
                 "model": {"type": "Unigram", "vocab": [["<unk>", 0.0], ["▁a", -1.5], ["é", -2]]}}
                """
            ])
        )
        #expect(tokens.tokens.map(\.token) == ["<unk>", "▁a", "é", "<x>"])
        #expect(tokens.tokens.map(\.id) == [0, 1, 2, 3])
        // Two spellings of one accented letter are two tokens.
        #expect(tokens.id(of: "\u{e9}") == 2 && tokens.id(of: "e\u{301}") == nil)
        #expect(tokens.isAdded("<x>") && !tokens.isInVocabulary("<x>") && !tokens.isAdded("▁a"))
    }

    @Test func `include what the settings name, behind the others`() throws {
        let settings = """
            {"added_tokens_decoder": {
               "9": {"content": "<late>", "lstrip": false, "normalized": true, "rstrip": true,
                     "single_word": true, "special": false},
               "0": {"content": "a", "lstrip": false, "normalized": false, "rstrip": false,
                     "single_word": false, "special": true}},
             "eos_token": "b", "pad_token": {"content": "<pad>", "lstrip": true},
             "additional_special_tokens": ["<more>", "<pad>"], "bos_token": null}
            """
        let tokens = try #require(
            try list([
                "tokenizer.json": #"{"added_tokens": [], "model": {"vocab": {"a": 0, "b": 1}}}"#,
                "tokenizer_config.json": settings,
            ])
        )
        #expect(tokens.tokens.map(\.token) == ["a", "b", "<late>", "<pad>", "<more>"])
        #expect(tokens.addedTokens.map(\.token.content) == ["a", "b", "<late>", "<pad>", "<more>"])
        let pad = try #require(tokens.addedTokens.first { $0.token.content == "<pad>" }).token
        #expect(pad.isSpecial && pad.stripsLeft && !pad.isNormalized)
        #expect(tokens.filed.isEmpty && tokens.count == 5)
    }

    @Test func `stay what they are when others are added`() throws {
        let tokens = try #require(
            try list(["vocab.txt": "a\nb\nc\n", "added_tokens.json": #"{"<y>": 4, "<x>": 3}"#])
        )
        #expect(tokens.tokens.map(\.token) == ["a", "b", "c", "<x>", "<y>"])
        // As in the reference, the last line of a repeated token counts.
        let repeated = try #require(try list(["vocab.txt": "a\nb\na\n"]))
        #expect(repeated.tokens.map(\.token) == ["b", "a"] && repeated.count == 2)
        let more = try tokens.adding([
            .init(content: "<x>", isSpecial: true), TokenList.plain("<z>"), TokenList.plain("b"),
        ])
        let x = try #require(more.addedTokens.first { $0.token.content == "<x>" })
        #expect(!x.token.isSpecial && more.id(of: "<x>") == tokens.id(of: "<x>"))
        #expect(more.count == tokens.count + 1 && more.isAdded("b") && more.id(of: "b") == 1)
    }

    @Test func `are none without a tokenizer, and refused where they are in SentencePiece`() throws
    {
        #expect(try list(["config.json": "{}"]) == nil)
        #expect(throws: TokenizerError.self) { try list(["spiece.model": "x"]) }
        #expect(throws: TokenizerError.self) {
            try list(["tokenizer.json": #"{"model": {"vocab": [["a", 0], ["a", 0]]}}"#])
        }
        #expect(throws: TokenizerError.self) {
            try list(["tokenizer.json": #"{"model": {"vocab": [0.5]}}"#])
        }
    }
}
