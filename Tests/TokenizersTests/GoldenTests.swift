import Foundation
import TestSupport
import Testing

@testable import Tokenizers

/// Encodings of the reference implementation, from files beside the project.
@Suite(.enabled(if: Golden.directory != nil, "\(Golden.absence)"))
struct GoldenTests {
    @Test(arguments: ["bert-cased", "bert-uncased"])
    func `texts get the ids and tokens of the reference`(name: String) throws {
        let directory = try #require(Golden.directory).appending(path: "tokenize/\(name)")
        let tokenizer = try Tokenizer(directory: directory)
        let cases = try TextCase.lines(of: directory.appending(path: "cases.jsonl"))
        #expect(cases.count == 120)
        for reference in cases {
            try reference.check(with: tokenizer)
        }
        #expect(tokenizer.maximumLength == 512)
    }

    @Test(arguments: ["bert-uncased"])
    func `batches are paired, truncated and padded as by the reference`(name: String) throws {
        let directory = try #require(Golden.directory).appending(path: "tokenize/\(name)")
        let tokenizer = try Tokenizer(directory: directory)
        let cases = try BatchCase.lines(of: directory.appending(path: "encode.jsonl"))
        #expect(cases.count == 38)
        for reference in cases {
            try reference.check(with: tokenizer)
        }
    }
}
