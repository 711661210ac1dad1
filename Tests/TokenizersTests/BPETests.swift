import Foundation
import Testing

@testable import Tokenizers

struct BPETests {
    @Test(
        arguments: [
            ("ab", [2]), ("abb", [3]), ("aab", [0, 2]), ("abbb", [3, 1]), ("bab", [1, 2]), ("", []),
        ] as [(String, [Int32])]
    )
    func `the pair learned first is merged first`(text: String, ids: [Int32]) throws {
        #expect(try TinyTokenizer.bpe().tokenizer().encode(text).ids == ids)
    }

    // The ids of the reference.
    @Test(
        arguments: [
            (#"["a b", "b c", "a b"]"#, [0, 4]), (#"["b c", "a b", "b c"]"#, [3, 2]),
        ] as [(String, [Int32])]
    )
    func `of a pair that is listed twice the last one counts`(
        merges: String,
        ids: [Int32]
    ) throws {
        let tiny = TinyTokenizer.bpe(
            vocabulary: #"{"a": 0, "b": 1, "c": 2, "ab": 3, "bc": 4}"#,
            merges: merges
        )
        #expect(try tiny.tokenizer().encode("abc").ids == ids)
    }

    @Test func `words that look the same stay apart`() throws {
        let tiny = TinyTokenizer.bpe(
            vocabulary: #"{"\u00e9": 0, "e": 1, "\u0301": 2}"#,
            merges: "[]"
        )
        let tokenizer = try tiny.tokenizer()
        for _ in 0..<2 {
            #expect(try tokenizer.encode("\u{E9}").ids == [0])
            #expect(try tokenizer.encode("e\u{301}").ids == [1, 2])
        }
    }

    @Test(
        arguments: ["", #""unk_token": "<unk>","#, #""byte_fallback": true,"#]
    )
    func `a character without a token is an error`(options: String) throws {
        let tokenizer = try TinyTokenizer.bpe(options: options).tokenizer()
        #expect(throws: TokenizerError.noToken(text: "c")) { try tokenizer.encode("abcab") }
        #expect(try tokenizer.encode("ab").ids == [2])
    }

    @Test func `a byte that the vocabulary lacks is an error`() throws {
        let tokenizer = try TinyTokenizer.bpe(
            preTokenizer: """
                {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true}
                """
        ).tokenizer()
        #expect(throws: TokenizerError.noToken(text: "Ġ")) { try tokenizer.encode("ab ab") }
    }

    /// Quadratic merging would take hours, and so would a search that starts over at every byte.
    @Test(.timeLimit(.minutes(1)))
    func `a megabyte without spaces is encoded in reasonable time`() throws {
        let tokenizer = try TinyTokenizer.bpe(
            vocabulary: #"{"a": 0, "b": 1, "aa": 2, "aaaa": 3, "ab": 4, "Ġ": 5}"#,
            merges: #"["a a", "aa aa", "a b"]"#,
            preTokenizer: """
                {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true}
                """
        ).tokenizer()
        let count = 1 << 20
        let same = try tokenizer.encode(String(repeating: "a", count: count)).ids
        #expect(same == Array(repeating: 3, count: count / 4))
        let mixed = try tokenizer.encode(String(repeating: "ab", count: count / 2)).ids
        #expect(mixed == Array(repeating: 4, count: count / 2))
        let spaces = try tokenizer.encode(String(repeating: " ", count: count)).ids
        #expect(spaces == Array(repeating: 5, count: count))
    }

    @Test func `many threads encode as one does`() async throws {
        let directory = FixtureTests.directory.appending(path: "llama")
        let tokenizer = try Tokenizer(directory: directory)
        let cases = try TextCase.lines(of: directory.appending(path: "cases.jsonl"))
        try await withThrowingTaskGroup { group in
            for shift in 0..<4 {
                group.addTask {
                    for index in cases.indices {
                        let reference = cases[(index + shift * 7) % cases.count]
                        try reference.check(with: tokenizer)
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
