import Foundation
import Testing

@testable import Checkpoints

@Suite struct `The hash of a large file` {
    /// What no file's hash is.
    private static let other = String(repeating: "0", count: 64)

    private let folder: TemporaryDirectory
    private let file: URL
    private let known: KnownHashes

    init() throws {
        folder = try TemporaryDirectory()
        file = try folder.write([UInt8](repeating: 7, count: 5000), "model.safetensors")
        let cache = folder.url.appending(path: "cache")
        known = KnownHashes(directory: cache, leastSize: 1000, settling: 0)
    }

    private func hash(_ known: KnownHashes) throws -> String {
        try SHA256Hash.ofFile(file, knowing: known)
    }

    private func kept(_ known: KnownHashes) throws -> String? {
        known.hash(of: try MappedFile(file))
    }

    private var entry: URL {
        get throws {
            let cache = try #require(known.directory)
            let names = try FileManager.default.contentsOfDirectory(atPath: cache.path)
            return cache.appending(path: try #require(names.first))
        }
    }

    @Test func `is kept, and taken from where it is kept`() throws {
        let expected = SHA256Hash.of(try Data(contentsOf: file))
        #expect(try kept(known) == nil)
        #expect(try hash(known) == expected)
        #expect(try kept(known) == expected)
        // Only a hash that was not computed can be another one.
        let text = try String(contentsOf: entry, encoding: .utf8)
        try Data(text.replacing(expected, with: Self.other).utf8).write(to: entry)
        #expect(try hash(known) == Self.other)
    }

    @Test func `is computed anew when the file is written to, whatever its time says`() throws {
        let before = try hash(known)
        let time = try FileManager.default.attributesOfItem(atPath: file.path)
        // The system's clock for files has steps of some milliseconds.
        Thread.sleep(forTimeInterval: 0.05)
        let handle = try FileHandle(forWritingTo: file)
        try handle.write(contentsOf: Data([8]))
        try handle.close()
        try FileManager.default.setAttributes(
            [.modificationDate: try #require(time[.modificationDate])],
            ofItemAtPath: file.path
        )
        let after = try hash(known)
        #expect(after != before)
        #expect(after == SHA256Hash.of(try Data(contentsOf: file)))
    }

    @Test(arguments: ["", "x", "\n\n", "5000 1 1\n", "5000 1 1\n" + other + "\n"])
    func `is computed where what is kept is damaged`(text: String) throws {
        let expected = try hash(known)
        try Data(text.utf8).write(to: entry)
        #expect(try kept(known) == nil)
        #expect(try hash(known) == expected)
    }

    @Test func `is not kept of small files, nor of those that just changed`() throws {
        var choosy = known
        choosy.leastSize = 5001
        _ = try hash(choosy)
        #expect(try kept(known) == nil)
        var patient = known
        patient.settling = 3_600_000_000_000
        _ = try hash(patient)
        #expect(try kept(known) == nil)
    }

    @Test func `needs no place to be kept in`() throws {
        let expected = SHA256Hash.of(try Data(contentsOf: file))
        for place in [nil, file.appending(path: "below a file")] {
            let nowhere = KnownHashes(directory: place, leastSize: 1000, settling: 0)
            #expect(try hash(nowhere) == expected)
        }
    }
}
