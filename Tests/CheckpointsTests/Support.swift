import Foundation

@testable import Checkpoints

/// A directory that exists as long as the test holds it.
final class TemporaryDirectory {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory
            .appending(path: "checkpoints-\(UUID().uuidString)").resolvingSymlinksInPath()
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// Writes a file, making the directories around it.
    @discardableResult
    func write(_ bytes: [UInt8], _ name: String) throws -> URL {
        let file = url.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(bytes).write(to: file)
        return file
    }

    @discardableResult
    func write(_ text: String, _ name: String) throws -> URL { try write([UInt8](text.utf8), name) }

    /// Makes a symbolic link to a path that may be relative.
    func link(_ name: String, to destination: String) throws {
        let file = url.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try FileManager.default.createSymbolicLink(
            atPath: file.path,
            withDestinationPath: destination
        )
    }

    var contents: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
    }
}

/// The bytes of a safetensors file, whatever its header says.
func file(_ header: String, data: Int = 0) -> [UInt8] { file([UInt8](header.utf8), data: data) }

func file(_ header: [UInt8], data: Int = 0) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: header.count >> ($0 * 8)) } + header
        + (0..<data).map { UInt8(truncatingIfNeeded: $0) }
}

/// A sound file of float32 tensors, each of two elements.
func soundFile(_ names: [String]) -> [UInt8] {
    let members = names.enumerated().map { i, name in
        #""\#(name)":{"dtype":"F32","shape":[2],"data_offsets":[\#(i * 8),\#(i * 8 + 8)]}"#
    }
    return file("{\(members.joined(separator: ","))}", data: names.count * 8)
}

/// What an error says, or nothing if there was none.
func message(_ body: () throws -> Void) -> String {
    do {
        try body()
        return ""
    } catch {
        return "\(error)"
    }
}
