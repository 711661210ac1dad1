import Foundation
import Testing

@testable import Checkpoints

@Suite struct OutputTests {
    private let directory: TemporaryDirectory
    init() throws { directory = try TemporaryDirectory() }

    private func text(_ url: URL) throws -> String { try String(contentsOf: url, encoding: .utf8) }

    @Test func `a small file replaces another at once`() throws {
        let url = directory.url.appending(path: "a.json")
        try AtomicFile.write("one", to: url)
        try AtomicFile.write(Data("two".utf8), to: url)
        try AtomicFile.write("", to: directory.url.appending(path: "empty"))
        #expect(try text(url) == "two")
        #expect(try directory.contents == ["a.json", "empty"])
        let inside = directory.url.appending(path: "absent/a.json")
        let said = message { try AtomicFile.write("x", to: inside) }
        #expect(said.contains("cannot create “\(inside.path)”: No such file or directory"))
        #expect(said.contains("check the path"))
    }

    @Test func `a full disk is an error with its reason`() throws {
        let full = try FileDescriptor(writing: "/dev/full", creating: false)
        let said = message { try unsafe full.write(([1, 2, 3] as [UInt8]).span.bytes, at: 0) }
        #expect(
            said
                == "cannot write “/dev/full”: No space left on device; free some space or choose another place"
        )
    }

    @Test func `a file cannot take the place of a directory`() throws {
        let url = directory.url.appending(path: "taken")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        let said = message { try AtomicFile.write("x", to: url) }
        #expect(said.contains("cannot put into place “\(url.path)”: Is a directory"))
        #expect(try directory.contents == ["taken"])
    }

    @Test func `a directory appears when it is complete`() throws {
        let url = directory.url.appending(path: "deep/out")
        let result = try OutputDirectory.write(to: url) { staging in
            try AtomicFile.write("1", to: staging.appending(path: "a"))
            #expect(!FileManager.default.fileExists(atPath: url.path))
            return 7
        }
        #expect(result == 7)
        #expect(try text(url.appending(path: "a")) == "1")
        #expect(try directory.contents == ["deep"])
    }

    @Test func `a directory that fails leaves nothing of itself`() throws {
        struct Failure: Error {}
        let url = try directory.write("old", "out/file").deletingLastPathComponent()
        #expect(throws: Failure.self) {
            try OutputDirectory.write(to: url, replacing: .always) { staging in
                try AtomicFile.write("new", to: staging.appending(path: "file"))
                throw Failure()
            }
        }
        #expect(try text(url.appending(path: "file")) == "old")
        #expect(try directory.contents == ["out"])
    }

    @Test func `a directory of somebody else's is not replaced`() throws {
        let url = try directory.write("old", "out/file").deletingLastPathComponent()
        func write(_ replacing: OutputDirectory.Replacement) throws {
            try OutputDirectory.write(to: url, replacing: replacing) { staging in
                try AtomicFile.write("new", to: staging.appending(path: "file"))
            }
        }
        #expect(message { try write(.never) }.contains("is not empty; choose another output"))
        #expect(message { try write(.ifHolding("mark")) }.contains("is not empty"))
        #expect(try text(url.appending(path: "file")) == "old")
        try write(.ifHolding("file"))
        #expect(try text(url.appending(path: "file")) == "new")
        try directory.write("more", "out/more")
        try write(.always)
        #expect(try FileManager.default.contentsOfDirectory(atPath: url.path) == ["file"])
        #expect(try directory.contents == ["out"])

        let file = try directory.write("a file", "plain")
        let said = message { try OutputDirectory.write(to: file, replacing: .always) { _ in } }
        #expect(said.contains("is not a directory and stands in the place of one"))
        #expect(try text(file) == "a file")
    }

    @Test func `an empty directory is no obstacle`() throws {
        let url = directory.url.appending(path: "empty")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        try OutputDirectory.write(to: url) {
            try AtomicFile.write("x", to: $0.appending(path: "a"))
        }
        #expect(try text(url.appending(path: "a")) == "x")
    }

    @Test func `hashes are those of FIPS 180-4`() throws {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        let million = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        #expect(SHA256Hash.of(Data()) == empty)
        #expect(SHA256Hash.of(Data("abc".utf8)) == abc)
        #expect(try SHA256Hash.ofFile(directory.write("", "empty")) == empty)
        let a = [UInt8](repeating: 0x61, count: 1_000_000)
        #expect(try SHA256Hash.ofFile(directory.write(a, "a")) == million)
        // More than one block.
        let large = [UInt8](repeating: 0x62, count: 1 << 24 + 5)
        #expect(try SHA256Hash.ofFile(directory.write(large, "b")) == SHA256Hash.of(Data(large)))
        let absent = directory.url.appending(path: "absent")
        #expect(message { _ = try SHA256Hash.ofFile(absent) }.contains("cannot open"))
    }

    @Test func `files that are hashed side by side have the hashes of each alone`() throws {
        // Around the ends of blocks and of what is taken at once, alike and far apart.
        let cases = [[0, 1, 55, 56, 63, 64, 65, 119], [4096, 4095, 4097], [12_345, 9, 70_000]]
        for lengths in cases {
            let files = try lengths.map { length in
                let bytes = (0..<length).map { UInt8(($0 * 7 + length) % 251) }
                return try directory.write(bytes, "\(length)")
            }
            let alone = try files.map { try SHA256Hash.ofFile($0) }
            #expect(try SHA256Hash.ofFiles(files) == alone)
        }
    }

    @Test func `every file is in one group`() throws {
        let lengths = [5, 1000, 900, 4, 999, 998, 997, 996, 995, 994, 993, 50_000]
        let files = try lengths.enumerated().map { index, length in
            try directory.write([UInt8](repeating: 1, count: length), "\(index)")
        }
        let groups = try SHA256Hash.groups(of: files)
        #expect(groups.flatMap(\.self).sorted() == Array(files.indices))
        #expect(groups.allSatisfy { $0.count <= 8 })
    }

    @Test func `a file of nothing maps to nothing`() throws {
        let file = try MappedFile(directory.write("", "empty"))
        #expect(file.count == 0)
        #expect(file.withBytes(0..<0) { $0.byteCount } == 0)
        #expect(try contents(of: directory.write("", "empty")) == [])
        let said = message { _ = try contents(of: directory.write("12345", "five"), limit: 4) }
        #expect(said.contains("has 5 bytes, and no file of its kind has more than 4"))
    }
}
