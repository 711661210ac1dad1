import Foundation
import Testing

@testable import Tasks

struct ExamplesTests {
    @Test func `in one file examples are the same where their positions are`() throws {
        let text = String(repeating: "{\"text\": \"same\"}\n", count: 10)
        let folder = try DataFolder(["train.jsonl": text])
        let data = try folder.dataset()
        let parts = try data.unlabeled([
            SplitReference(parsing: "train[:6]"), SplitReference(parsing: "train[4:]"),
            SplitReference(parsing: "train[6:]"),
        ])
        #expect(parts[1].overlap(with: parts[0]) == [0, 1])
        #expect(parts[0].overlap(with: parts[1]) == [4, 5])
        #expect(parts[2].overlap(with: parts[0]).isEmpty)
    }

    @Test func `in different files they are the same where their inputs are`() throws {
        let folder = try DataFolder([
            "a.jsonl": "{\"text\": \"x\"}\n{\"text\": \"y\", \"text_pair\": \"z\"}\n",
            "b.csv": "text,text_pair\ny,z\nx,z\ny,\n",
            "c.csv": "text\nx\n",
        ])
        let data = try folder.dataset()
        let parts = try data.unlabeled(["a", "b", "c"].map { SplitReference(split: $0) })
        #expect(parts[1].overlap(with: parts[0]) == [0])
        #expect(parts[2].overlap(with: parts[0]) == [0])
        #expect(parts[0].overlap(with: parts[1]) == [1])
    }

    @Test func `a link to a file is that file`() throws {
        let folder = try DataFolder(["train.jsonl": "{\"text\": \"x\"}\n{\"text\": \"x\"}\n"])
        try FileManager.default.createSymbolicLink(
            at: folder.url.appending(path: "test.jsonl"),
            withDestinationURL: folder.url.appending(path: "train.jsonl")
        )
        let data = try folder.dataset()
        let parts = try data.unlabeled([
            SplitReference(parsing: "train[:1]"), SplitReference(parsing: "test"),
        ])
        #expect(parts[1].overlap(with: parts[0]) == [0])
    }
}
