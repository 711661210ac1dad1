public import FoundationEssentials

/// A model on disk in the Hugging Face layout: configuration, parameters, tokenizer.
public struct ModelDirectory: Sendable {
    /// The directory itself.
    public let url: URL
    /// What the model was called where it was asked for.
    public let reference: String
    /// The content of `config.json`, or `nil` where there is none.
    public let configuration: Data?

    /// Finds a model that is a directory or an id in the local Hugging Face cache.
    ///
    /// - Parameters:
    ///   - reference: A path, or `owner/name`, or `owner/name@revision`.
    ///   - directories: What relative paths are relative to, in this order.
    ///   - environment: Where `HF_HUB_CACHE` and `HF_HOME` are looked up.
    /// - Throws: `CheckpointError.modelNotFound`, which names the places looked at.
    public init(
        resolving reference: String,
        relativeTo directories: [URL],
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(CheckpointError) {
        let path = Self.expandingHome(reference, environment)
        let candidates =
            path.hasPrefix("/") || directories.isEmpty
            ? [URL(filePath: path)] : directories.map { $0.appending(path: path) }
        if let directory = candidates.first(where: { $0.isDirectory }), !reference.isEmpty {
            self = try ModelDirectory(directory, reference: reference)
            return
        }
        var places = candidates.map(\.path)
        if let id = HubReference(reference) {
            for cache in HubReference.caches(environment) {
                let repository = cache.appending(path: id.folder)
                if let snapshot = id.snapshot(in: repository) {
                    self = try ModelDirectory(snapshot, reference: reference)
                    return
                }
                places.append(repository.path)
            }
        }
        throw .modelNotFound(reference: reference, places: places)
    }

    /// Takes a directory that is known to be there.
    public init(_ url: URL, reference: String? = nil) throws(CheckpointError) {
        self.url = url.standardizedFileURL
        self.reference = reference ?? url.path
        let boundary = ModelBoundary(url)
        let file = url.appending(path: "config.json")
        guard FileManager.default.fileExists(atPath: file.path) else {
            configuration = nil
            return
        }
        guard boundary.contains(file) else {
            throw .escapes(file: file.path, directory: url.path)
        }
        configuration = Data(try contents(of: file, limit: 10_000_000))
    }
}

extension ModelDirectory {
    /// Opens the parameters, reading headers only.
    public func checkpoint() throws(CheckpointError) -> Checkpoint { try Checkpoint(at: url) }

    /// Whether the directory holds weights, in whatever format.
    public var holdsWeights: Bool {
        let endings = ["safetensors", "bin", "pt", "pth", "ckpt", "h5", "msgpack", "onnx", "gguf"]
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        return names.contains { name in
            endings.contains { name.hasSuffix(".\($0)") || name.hasSuffix(".\($0).index.json") }
        }
    }

    /// Whether the directory holds an adapter's configuration.
    public var isAdapter: Bool {
        let file = url.appending(path: "adapter_config.json")
        return FileManager.default.fileExists(atPath: file.path)
    }

    /// Opens the adapter, if the directory holds one.
    public func adapter() throws(CheckpointError) -> Adapter? {
        isAdapter ? try Adapter(at: url) : nil
    }
}

extension ModelDirectory {
    /// A path whose leading `~/` is the user's home, as a shell would have it.
    private static func expandingHome(_ path: String, _ environment: [String: String]) -> String {
        guard path.hasPrefix("~/"), let home = environment["HOME"] else { return path }
        return home + path.dropFirst()
    }
}
