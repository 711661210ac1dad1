import Foundation
import Tensors
import Testing

@testable import Tasks

/// Files that nobody means well with: each is refused with a sentence, none ends the program.
struct HostileFileTests {
    static let names = DatasetFormats.endings.map { "a" + $0 }

    @Test(arguments: names)
    func `random bytes are refused`(name: String) throws {
        var generator = SeededGenerator(seed: 7, name)
        for size in [1, 7, 8, 9, 64, 1000, 20_000] {
            let bytes = (0..<size).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            #expect(throws: (any Error).self) { try inputs(name, Data(bytes)) }
        }
    }

    @Test(arguments: names)
    func `random pieces of syntax never trap`(name: String) throws {
        var generator = SeededGenerator(seed: 8, name)
        let pieces = [
            "\"", "\"\"", ",", "\t", "\n", "\r", "\r\n", "text", "label", "{", "}", "[", "]", ":",
            "{\"text\":\"a\"}", "é", "\\", "\\u", "0", "-", "\u{FEFF}", " ", "\0", "null",
        ]
        let folder = try DataFolder([name: ""])
        let data = try folder.dataset(name)
        for _ in 0..<60 {
            let length = Int(generator.next() % 40)
            let text = (0..<length).map { _ in pieces[Int(generator.next() % 24)] }.joined()
            for header in ["text,label\n", "text\tlabel\n", ""] {
                try folder.write(Data((header + text).utf8), to: name)
                _ = try? data.labeled(SplitReference(split: "all"))
            }
        }
    }

    @Test func `deep JSON is refused`() throws {
        let deep = String(repeating: "[", count: 1_000_000)
        for line in [deep, "{\"text\": \(deep)", "{\"text\": \"a\", \"x\": \(deep)"] {
            #expect(
                try refusal("a.jsonl", line).contains("line 1: expected a JSON object, found “")
            )
        }
    }

    @Test(arguments: ["a.jsonl", "a.csv", "a.tsv"])
    func `zero bytes are refused`(name: String) throws {
        let message = try refusal(name, "text\0,\0label\n\0\n{\"text\": \"a\0\"}\n")
        #expect(message.contains("expected text, found a zero byte"))
        // UTF-16, which some JSON readers take.
        let wide = Data("{\"text\": \"a\"}".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
        #expect(throws: DataError.self) { try inputs(name, wide) }
    }

    @Test func `bytes that are not UTF-8 are refused with their line`() throws {
        let latin = Data([UInt8(ascii: "c"), 0xE9, UInt8(ascii: "d")])
        let json = Data("{\"text\": \"a\"}\n{\"text\": \"".utf8) + latin + Data("\"}\n".utf8)
        #expect(
            try refusal("a.jsonl", json) == """
                a.jsonl has 1 broken line: line 2: expected UTF-8, found other bytes; correct or \
                remove what is broken.
                """
        )
        let csv = Data("text,label\nb,1\n".utf8) + latin + Data(",2\n".utf8)
        #expect(try refusal("a.csv", csv).contains("line 3: expected UTF-8, found other bytes"))
    }

    @Test func `a line of a million columns is a broken line`() throws {
        let commas = String(repeating: ",", count: 999_999)
        #expect(
            try refusal("a.csv", "text,label\n\(commas)\n").contains(
                "line 2: expected 2 fields as in the header, found 1000000"
            )
        )
        #expect(try refusal("a.csv", "\(commas)\n").contains("has no column “text”"))
    }

    @Test func `a line has an end`() throws {
        let long = String(repeating: "a", count: TextFile.recordLimit)
        let limit = "expected at most 4194304 bytes, found more"
        let json = "{\"text\": \"\(long)\"}\n{\"text\": \"b\"}\n"
        #expect(try refusal("a.jsonl", json).contains("1 broken line: line 1: \(limit)"))
        let csv = "text,label\n\(long)\(long),1\nb,2\n"
        #expect(try refusal("a.csv", csv).contains("1 broken line: line 2: \(limit)"))
        let open = "text,label\n\"\(long)\n\(long)"
        #expect(try refusal("a.csv", open).contains("line 2: \(limit)"))
    }

    @Test func `a device in the place of a file is refused`() throws {
        let folder = try DataFolder()
        try FileManager.default.createSymbolicLink(
            atPath: folder.url.appending(path: "train.jsonl").path,
            withDestinationPath: "/dev/zero"
        )
        let message = folder.message {
            _ = try folder.dataset().unlabeled(SplitReference(split: "train"))
        }
        #expect(message.contains("is a device where a file was expected"))
    }
}
