import Foundation
import Testing

@testable import Checkpoints

@Suite struct CheckpointTests {
    private func index(_ map: [String: String]) -> String {
        let pairs = map.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \"\($0.value)\"" }
        return
            "{\"metadata\": {\"total_size\": 1}, \"weight_map\": {\(pairs.joined(separator: ","))}}"
    }

    private let indexName = "model.safetensors.index.json"

    @Test func `several files are one checkpoint`() throws {
        let directory = try TemporaryDirectory()
        try directory.write(soundFile(["d", "c"]), "model-00001-of-00002.safetensors")
        try directory.write(soundFile(["a", "b"]), "sub/model-00002-of-00002.safetensors")
        let (first, second) = (
            "model-00001-of-00002.safetensors", "sub/model-00002-of-00002.safetensors"
        )
        let url = try directory.write(
            index(["a": second, "b": second, "c": first, "d": first]),
            indexName
        )
        let checkpoint = try Checkpoint(at: directory.url)
        #expect(checkpoint.names == ["d", "c", "a", "b"])
        #expect(checkpoint.files.map(\.lastPathComponent).count == 2)
        #expect(try Checkpoint(at: url).names == checkpoint.names)
        #expect(checkpoint["x"] == nil)
        let said = message { _ = try checkpoint.views(["a", "x", "y"]) }
        #expect(said.contains("has no “x”, “y”"))
    }

    @Test func `everything that is wrong with an index is said at once`() throws {
        let directory = try TemporaryDirectory()
        let outside = try TemporaryDirectory()
        let secret = try outside.write(soundFile(["s"]), "secret.safetensors")
        try directory.write(soundFile(["a", "twice"]), "1.safetensors")
        try directory.write(soundFile(["b", "twice"]), "2.safetensors")
        try directory.write(Array(soundFile(["c"]).dropLast()), "3.safetensors")
        try directory.link("4.safetensors", to: secret.path)
        try directory.link("5.safetensors", to: "gone.safetensors")
        try FileManager.default.createDirectory(
            at: directory.url.appending(path: "6.safetensors"),
            withIntermediateDirectories: true
        )
        try directory.write(
            index([
                "a": "1.safetensors", "twice": "1.safetensors", "b": "2.safetensors",
                "absent": "2.safetensors", "elsewhere": "1.safetensors", "c": "3.safetensors",
                "s": "4.safetensors", "g": "5.safetensors", "d": "6.safetensors",
                "up": "../\(outside.url.lastPathComponent)/secret.safetensors",
                "root": secret.path, "none": "", "zero": "a\\u0000b", "hidden": "x/../../y",
            ]),
            indexName
        )
        let said = message { _ = try Checkpoint(at: directory.url) }
        for part in [
            "“twice” is both in “1.safetensors” and in “2.safetensors”",
            "“absent” is not in “2.safetensors”", "“elsewhere” is not in “1.safetensors”",
            "3.safetensors” does not describe its tensors rightly: “c” ends at byte 8 of 7",
            "“4.safetensors” is a link that leaves the directory",
            "“5.safetensors”, with 1 tensors, is missing",
            "6.safetensors” is a directory where a file was expected",
            "the file name “../\(outside.url.lastPathComponent)/secret.safetensors” leaves",
            "the file name “\(secret.path)” leaves", "the file name “” leaves",
            "the file name “a\u{fffd}b” leaves", "the file name “x/../../y” leaves",
        ] {
            #expect(said.contains(part), "\(part)\n\(said)")
        }
    }

    @Test(arguments: [
        ("", "it ends where an object"), ("[]", "holds “[” where an object"),
        ("{}", "the key “weight_map”"), (#"{"weight_map": []}"#, "in “weight_map”, byte 15"),
        (#"{"weight_map": {"a": 1}}"#, "in “a”, byte 21 holds “1” where a string"),
        (#"{"weight_map": {"a": "x", "a": "y"}}"#, "the key “a” occurs twice"),
        (#"{"weight_map": {}} {}"#, "where the end was expected"),
    ])
    func `an index that is none is refused`(text: String, says: String) throws {
        let directory = try TemporaryDirectory()
        try directory.write(text, indexName)
        let said = message { _ = try Checkpoint(at: directory.url) }
        #expect(said.contains("the index of “\(directory.url.path)"))
        #expect(said.contains(says), "\(said)")
    }

    @Test func `the links of a Hugging Face cache are followed`() throws {
        let cache = try TemporaryDirectory()
        let repository = "models--owner--name"
        try cache.write(soundFile(["a"]), "\(repository)/blobs/0123")
        try cache.write(soundFile(["b"]), "\(repository)/blobs/4567")
        let map = index(["a": "1.safetensors", "b": "sub/2.safetensors"])
        try cache.write(map, "\(repository)/blobs/89ab")
        let snapshot = "\(repository)/snapshots/c0ffee"
        try cache.link("\(snapshot)/1.safetensors", to: "../../blobs/0123")
        try cache.link("\(snapshot)/sub/2.safetensors", to: "../../../blobs/4567")
        try cache.link("\(snapshot)/\(indexName)", to: "../../blobs/89ab")
        #expect(try Checkpoint(at: cache.url.appending(path: snapshot)).names == ["a", "b"])

        // The same links lead nowhere good from a directory that is no snapshot.
        try cache.link("other/1.safetensors", to: "../\(repository)/blobs/0123")
        try cache.write(index(["a": "1.safetensors"]), "other/\(indexName)")
        let said = message { _ = try Checkpoint(at: cache.url.appending(path: "other")) }
        #expect(said.contains("“1.safetensors” is a link that leaves the directory"))
    }

    @Test func `a directory without safetensors says what to do`() throws {
        let directory = try TemporaryDirectory()
        func said() -> String { message { _ = try Checkpoint(at: directory.url) } }
        #expect(said().contains("holds no model.safetensors and no model.safetensors.index.json"))
        #expect(said().contains("check the path"))
        try directory.write("", "pytorch_model.bin")
        #expect(said().contains("“pytorch_model.bin”, which are pickled"))
        #expect(said().contains("convert them to safetensors"))
        try directory.write("", "weights.safetensors")
        #expect(said().contains("name the file itself or rename it"))
        try directory.write("", "adapter_model.safetensors")
        #expect(said().contains("is an adapter"))
    }

    @Test func `what is no file is refused by name`() throws {
        let directory = try TemporaryDirectory()
        let absent = directory.url.appending(path: "absent.safetensors")
        #expect(message { _ = try Checkpoint(at: absent) }.contains("No such file or directory"))
        let pipe = directory.url.appending(path: "pipe.safetensors")
        #expect(unsafe mkfifo(pipe.path, 0o600) == 0)
        #expect(message { _ = try Checkpoint(at: pipe) }.contains("is a pipe where a file"))
        let device = URL(filePath: "/dev/null")
        #expect(message { _ = try Checkpoint(at: device) }.contains("is a device where a file"))
        #expect(
            message { _ = try MappedFile(directory.url) }.contains("is a directory where a file")
        )
    }
}
