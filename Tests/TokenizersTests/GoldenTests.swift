import Foundation
import TestSupport
import Testing

@testable import Tokenizers

/// Encodings of the reference implementation, from files beside the project.
@Suite(.enabled(if: Golden.directory != nil, "\(Golden.absence)"))
struct GoldenTests {
    @Test(
        arguments: [
            ("bert-cased", 512), ("bert-uncased", 512), ("clip", 77), ("gemma", 8192),
            ("gpt2", 1024), ("llama3", 131_072), ("qwen2", 32_768), ("roberta", 512),
        ]
    )
    func `texts get the ids and tokens of the reference`(
        name: String,
        maximumLength: Int
    ) throws {
        let directory = try #require(Golden.directory).appending(path: "tokenize/\(name)")
        let tokenizer = try Tokenizer(directory: directory)
        let cases = try TextCase.lines(of: directory.appending(path: "cases.jsonl"))
        #expect(cases.count == 120)
        for reference in cases {
            try reference.check(with: tokenizer)
        }
        #expect(tokenizer.maximumLength == maximumLength)
    }

    @Test(arguments: [("bert-uncased", 38), ("roberta", 36)])
    func `batches are paired, truncated and padded as by the reference`(
        name: String,
        count: Int
    ) throws {
        let directory = try #require(Golden.directory).appending(path: "tokenize/\(name)")
        let tokenizer = try Tokenizer(directory: directory)
        let cases = try BatchCase.lines(of: directory.appending(path: "encode.jsonl"))
        #expect(cases.count == count)
        for reference in cases {
            try reference.check(with: tokenizer)
        }
    }
}
