import Foundation
import Testing

@testable import Tokenizers

/// Directories as they are published, some without `tokenizer.json`.
struct DirectoryTests {
    /// Runs a test in a directory with some files.
    private func with(_ files: [String: String], _ test: (URL) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "tokenizer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for (name, content) in files {
            try Data(content.utf8).write(to: directory.appending(path: name))
        }
        try test(directory)
    }

    // What transformers makes of the same directory.
    @Test func `an old BERT directory is read from its vocabulary`() throws {
        let files = [
            "vocab.txt": "[UNK]\n[CLS]\r\n[SEP]\nhi\nthere\n##s\nhi\n",
            "added_tokens.json": #"{"zzz": 7}"#,
            "tokenizer_config.json": #"{"do_lower_case": false, "model_max_length": 77}"#,
        ]
        try with(files) { directory in
            let tokenizer = try Tokenizer(directory: directory)
            #expect(try tokenizer.encode("Hi theres [MASK] zzz").ids == [1, 0, 4, 5, 8, 6, 2])
            #expect(try tokenizer.encode("[PAD] Hi", pair: "there").typeIDs == [0, 0, 0, 0, 1, 1])
            #expect(tokenizer.maximumLength == 77)
            #expect(tokenizer.padID == 7)
            #expect(tokenizer.vocabularySize == 9)
        }
    }

    @Test func `a directory without settings is an uncased model of any length`() throws {
        try with(["vocab.txt": "[UNK]\n[CLS]\n[SEP]\n[PAD]\n[MASK]\nete"]) { directory in
            let tokenizer = try Tokenizer(directory: directory)
            #expect(try tokenizer.encode("ÉTÉ").ids == [1, 5, 2])
            #expect(tokenizer.maximumLength == nil)
            #expect(tokenizer.padID == 3)
        }
    }

    @Test(
        arguments: [
            ([], false), (["tokenizer.json"], true), (["vocab.txt"], true),
            (["vocab.json", "merges.txt"], false),
            (["vocab.json", "tokenizer_config.json"], false),
            (["vocab.json", "merges.txt", "tokenizer_config.json"], true),
        ]
    )
    func `a directory holds a tokenizer or not`(names: [String], holds: Bool) throws {
        let settings = #"{"tokenizer_class": "CLIPTokenizer"}"#
        let files = names.map { ($0, $0 == "tokenizer_config.json" ? settings : "") }
        try with(Dictionary(uniqueKeysWithValues: files)) { directory in
            #expect(Tokenizer.exists(in: directory) == holds)
        }
    }

    @Test func `settings beside tokenizer.json give length and padding`() throws {
        let json = String(decoding: TinyTokenizer().json, as: UTF8.self)
        let settings = """
            {"model_max_length": 1000000000000000019884624838656,
             "pad_token": {"content": "c", "special": true}}
            """
        try with(["tokenizer.json": json, "tokenizer_config.json": settings]) { directory in
            let tokenizer = try Tokenizer(directory: directory)
            #expect(tokenizer.maximumLength == nil)
            #expect(tokenizer.padID == 5)
        }
    }

    @Test(
        arguments: [
            (
                [:],
                """
                holds neither tokenizer.json nor vocab.txt nor vocab.json; save the tokenizer there.
                """
            ),
            (
                ["vocab.txt": "[UNK]\na\n"],
                #"vocab.txt: the list of tokens names tokens that have no id: "[CLS]", "[SEP]"."#
            ),
            (
                ["vocab.json": "{}", "merges.txt": ""],
                """
                vocab.json has no tokenizer.json beside it, and tokenizer_config.json names no class \
                where only a CLIPTokenizer can do without; save the tokenizer as tokenizer.json.
                """
            ),
            (
                [
                    "vocab.json": "{}", "merges.txt": "",
                    "tokenizer_config.json": #"{"tokenizer_class": "CLIPTokenizer"}"#,
                ],
                """
                vocab.json: the list of tokens names tokens that have no id: "<|startoftext|>", \
                "<|endoftext|>".
                """
            ),
            (
                [
                    "vocab.json": #"{"a": 0, "b": 1, "<|startoftext|>": 2, "<|endoftext|>": 3}"#,
                    "merges.txt": "#version: 0.2\na b c\n",
                    "tokenizer_config.json": #"{"tokenizer_class": "CLIPTokenizerFast"}"#,
                ],
                """
                merges.txt: line 2 should be two tokens with a space between them, found "a b c".
                """
            ),
            (["vocab.txt": ""], #"no id: "[UNK]", "[CLS]", "[SEP]"."#),
            (
                ["vocab.txt": "a", "tokenizer_config.json": #"{"model_max_length": -1}"#],
                "tokenizer_config.json: model_max_length should be a positive integer, found -1."
            ),
            (
                ["vocab.txt": "a", "tokenizer_config.json": "[]"],
                "tokenizer_config.json: the whole should be an object, found a list of 0."
            ),
        ] as [([String: String], String)]
    )
    func `a directory that says too little is refused`(
        files: [String: String],
        complaint: String
    ) throws {
        try with(files) { directory in
            let found = TinyTokenizer.complaint { _ = try Tokenizer(directory: directory) }
            #expect(found?.hasSuffix(complaint) == true, "\(found ?? "no error")")
        }
    }
}
