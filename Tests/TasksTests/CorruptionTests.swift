import Foundation
import Testing

@testable import Tasks

@Suite struct `Damage to texts` {
    private let text = "The quick brown fox jumps over 13 lazy dogs; naïveté reigns, и всё."

    @Test func `is none at rate 0, and the same each time`() {
        #expect(Corruption(rate: 0).text(text) == text)
        let damaged = Corruption(rate: 0.3, seed: 7).text(text)
        #expect(damaged != text)
        #expect(Corruption(rate: 0.3, seed: 7).text(text) == damaged)
        #expect(Corruption(rate: 0.3, seed: 8).text(text) != damaged)
    }

    @Test func `touches letters alone, and about as many as it says`() {
        let marks = "12 34, 56; 78! ... ---"
        #expect(Corruption(rate: 1).text(marks) == marks)
        let long = String(repeating: "abcdefghij ", count: 2_000)
        let pieces = zip(
            long.split(separator: " "),
            Corruption(rate: 0.1).text(long).split(separator: " ")
        )
        // A word of ten letters is whole with probability 0.9¹⁰ = 0.349, less where two letters of
        // it are exchanged at once, more where a letter is replaced by itself.
        let whole = Double(pieces.count { $0 == $1 }) / 2_000
        #expect(abs(whole - 0.36) < 0.04, "\(whole)")
    }

    @Test func `of a text depends on nothing but the text`() throws {
        let lines = [text, "other words"].map { "{\"text\": \"\($0)\"}\n" }.joined()
        let folder = try DataFolder(["test.jsonl": lines])
        let examples = try folder.dataset().unlabeled(SplitReference(split: "test"))
        let damaged = try examples.damaged(by: Corruption(rate: 0.2))
        let alone = Corruption(rate: 0.2).text(text)
        #expect(damaged.count == examples.count && damaged.inputs[0] != examples.inputs[0])
        #expect(damaged.inputs[0] == .text(alone))
        #expect(try examples.damaged(by: Corruption(rate: 0)).inputs == examples.inputs)
    }
}
