internal import Checkpoints
public import Foundation
internal import Tensors

/// Heads that were made from prompts, kept in the user's cache so that they are made once.
///
/// A cache that cannot be read or written only costs the making.
public struct HeadCache: Sendable {
    /// Where the heads lie; `nil` keeps none.
    public let directory: URL?

    /// The cache of a directory.
    public init(directory: URL?) { self.directory = directory }

    /// The user's cache: `$XDG_CACHE_HOME/merganser/heads`, or `~/.cache/merganser/heads`.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        directory = UserCache.directory("heads", environment: environment)
    }

    /// The rows that are known under a key, or those that `make` makes, which are kept.
    func rows(_ key: String, count: Int, orMaking make: () throws -> Tensor) rethrows -> Tensor {
        guard let file = directory?.appending(path: "\(key).safetensors") else { return try make() }
        if let known = Self.read(file), known.shape[0] == count { return known }
        let made = try make()
        try? Self.write(made, to: file)
        return made
    }

    private static func read(_ file: URL) -> Tensor? {
        // Whatever is wrong with the file, the head can be made again.
        do {
            guard let view = try Checkpoint(at: file)["weight"], view.shape.count == 2,
                try view.nonFinite() == nil
            else { return nil }
            return try view.tensor()
        } catch {
            return nil
        }
    }

    private static func write(_ rows: Tensor, to file: URL) throws {
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        let writer = try CheckpointWriter(
            file: file,
            tensors: [TensorDeclaration(name: "weight", dtype: .float32, shape: rows.shape)]
        )
        do {
            try writer.write("weight", rows)
            try writer.finish()
        } catch {
            writer.cancel()
            throw error
        }
    }
}
