public import FoundationEssentials
internal import OrderedCollections

/// The parameters of a model on disk, in one safetensors file or several.
///
/// Only headers are read when it is opened; a parameter is read when its view is asked for it.
public struct Checkpoint: Sendable {
    /// The files that hold the parameters.
    public let files: [URL]
    /// What the files say of themselves, in the format's own metadata.
    public let metadata: [String: String]
    private let views: OrderedDictionary<String, TensorView>

    /// Opens a safetensors file, an index of several, or the directory of a model.
    ///
    /// - Throws: `CheckpointError`, which names everything that is wrong with the files together.
    public init(at url: URL) throws(CheckpointError) {
        var isDirectory = false
        _ = FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory)
        if isDirectory {
            self = try Checkpoint(directory: url)
        } else if url.lastPathComponent.hasSuffix(".safetensors.index.json") {
            self = try Checkpoint(index: url)
        } else {
            self = try Checkpoint(file: url)
        }
    }

    init(files: [URL], metadata: [String: String], views: OrderedDictionary<String, TensorView>) {
        self.files = files
        self.metadata = metadata
        self.views = views
    }
}

extension Checkpoint {
    /// The names of the parameters, in the order of the files.
    public var names: [String] { Array(views.keys) }

    /// The parameter of a name, if there is one.
    public subscript(name: String) -> TensorView? { views[name] }

    /// The parameters of some names, or an error that lists all those that are missing.
    public func views(_ names: [String]) throws(CheckpointError) -> [TensorView] {
        let found = names.compactMap { views[$0] }
        guard found.count == names.count else {
            let file = files.count == 1 ? files[0] : files[0].deletingLastPathComponent()
            throw .missingTensors(file: file.path, names: names.filter { views[$0] == nil })
        }
        return found
    }

    /// The parameter of a name, or an error that says that it is missing.
    public func view(_ name: String) throws(CheckpointError) -> TensorView {
        try views([name])[0]
    }
}

extension Checkpoint {
    private init(file url: URL) throws(CheckpointError) {
        let shard = try Shard(url)
        self.init(
            files: [url],
            metadata: shard.metadata,
            views: OrderedDictionary(uniqueKeysWithValues: shard.views.map { ($0.name, $0) })
        )
    }

    private init(directory: URL) throws(CheckpointError) {
        // The order in which the Hugging Face libraries look.
        let single = directory.appending(path: "model.safetensors")
        let index = directory.appending(path: "model.safetensors.index.json")
        if FileManager.default.fileExists(atPath: single.path) {
            self = try Checkpoint(file: single)
        } else if FileManager.default.fileExists(atPath: index.path) {
            self = try Checkpoint(index: index)
        } else {
            let files = try? FileManager.default.contentsOfDirectory(atPath: directory.path)
            let endings = [".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".h5", ".msgpack"]
            let weights = (files ?? []).sorted().filter { file in
                endings.contains { file.hasSuffix($0) }
            }
            throw .noCheckpoint(directory: directory.path, found: weights)
        }
    }
}

/// One file of a checkpoint: its header, and views of its tensors.
struct Shard {
    let views: [TensorView]
    let metadata: [String: String]

    init(_ url: URL) throws(CheckpointError) {
        let file = try MappedFile(url)
        let header = try SafeTensors.header(of: file)
        views = header.entries.map { TensorView($0, dataStart: header.dataStart, in: file) }
        metadata = header.metadata
    }
}
