import Foundation
import TestSupport
import Testing

@testable import Tokenizers

/// Encodings of the reference implementation that `scripts/peers/dump_tokenizer_fixtures.py` wrote.
struct FixtureTests {
    static let directory = Golden.repository.appending(path: "Tests/Fixtures/tokenizer")

    @Test(arguments: ["uncased", "cased", "sequence", "added"])
    func `texts of our own get the ids of the reference`(name: String) throws {
        let directory = Self.directory.appending(path: name)
        let tokenizer = try Tokenizer(directory: directory)
        let cases = try TextCase.lines(of: directory.appending(path: "cases.jsonl"))
        #expect(!cases.isEmpty)
        for reference in cases {
            try reference.check(with: tokenizer)
        }
    }

    @Test(arguments: ["uncased", "cased"])
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
