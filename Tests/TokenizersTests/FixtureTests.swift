import Foundation
import TestSupport
import Testing

@testable import Tokenizers

/// Encodings of the reference implementation that `dump_tokenizer_fixtures.py` and
/// `dump_bpe_fixtures.py` in `scripts/peers` wrote.
struct FixtureTests {
    static let directory = Golden.repository.appending(path: "Tests/Fixtures/tokenizer")

    @Test(
        arguments: [
            "uncased", "cased", "sequence", "added", "clip", "roberta", "llama", "fallback",
            "fallback-fused", "marked",
        ]
    )
    func `texts of our own get the ids of the reference`(name: String) throws {
        let directory = Self.directory.appending(path: name)
        let tokenizer = try Tokenizer(directory: directory)
        let cases = try TextCase.lines(of: directory.appending(path: "cases.jsonl"))
        #expect(!cases.isEmpty)
        for reference in cases {
            try reference.check(with: tokenizer)
        }
    }

    @Test func `CLIP's vocabulary and merges are enough`() throws {
        let tokenizer = try Tokenizer(directory: Self.directory.appending(path: "clip-files"))
        let file = Self.directory.appending(path: "clip/cases.jsonl")
        for reference in try TextCase.lines(of: file) {
            try reference.check(with: tokenizer)
        }
        #expect(tokenizer.maximumLength == 77)
        #expect(tokenizer.padID == tokenizer.id(for: "<|endoftext|>"))
    }

    @Test(arguments: ["uncased", "cased", "roberta"])
    func `batches of our own are cut and filled as by the reference`(name: String) throws {
        let directory = Self.directory.appending(path: name)
        let tokenizer = try Tokenizer(directory: directory)
        let cases = try BatchCase.lines(of: directory.appending(path: "encode.jsonl"))
        #expect(cases.contains { $0.overflowing?.contains { !$0.isEmpty } ?? false })
        for reference in cases {
            try reference.check(with: tokenizer)
        }
    }
}
