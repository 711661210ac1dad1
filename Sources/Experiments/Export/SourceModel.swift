internal import Checkpoints
internal import FoundationEssentials
internal import Merging

/// A model of a recipe, opened: a checkpoint, an adapter of the base, or an adapter over a
/// checkpoint of its own.
struct SourceModel: Sendable {
    let reference: ModelReference
    /// Where its weights lie, or those that its adapter changes.
    let directory: ModelDirectory
    /// Its weights; `nil` for an adapter of the base.
    let checkpoint: Checkpoint?
    /// The directory of its adapter.
    let adapter: ModelDirectory?
    /// The task vector of the base that it is, where it is a file of one.
    let vector: TaskVectorFile?
    /// What it brings to a merge.
    let member: ModelPool.Member

    /// Opens a model, whose adapter, if it has one, may be an adapter of the base.
    init(_ reference: ModelReference, base: ModelReference?) throws {
        self.reference = reference
        if let file = reference.file {
            guard let base else { throw TaskVectorError.withoutBase(file: file.path) }
            let vector = try TaskVectorFile(contentsOf: file)
            directory = try ModelDirectory(opening: base.model)
            (checkpoint, adapter, self.vector) = (nil, nil, vector)
            member = ModelPool.Member(name: reference.description, vector: vector)
            return
        }
        vector = nil
        directory = try ModelDirectory(opening: reference.model)
        let adapter = try reference.adapter.map { try ModelDirectory(opening: $0) }
        let name = reference.description
        if let adapter, let changes = try adapter.adapter(), reference.model != base?.model {
            let checkpoint = try directory.checkpoint()
            self.checkpoint = checkpoint
            self.adapter = adapter
            member = ModelPool.Member(name: name, checkpoint: checkpoint, adapter: changes)
        } else if let changes = try (adapter ?? directory).adapter() {
            checkpoint = nil
            self.adapter = adapter ?? directory
            member = ModelPool.Member(name: name, adapter: changes)
        } else if let adapter {
            // Says what is missing.
            _ = try Adapter(at: adapter.url)
            throw CheckpointError.noAdapter(directory: adapter.url.path, found: [])
        } else {
            let checkpoint = try directory.checkpoint()
            self.checkpoint = checkpoint
            self.adapter = nil
            member = ModelPool.Member(name: name, checkpoint: checkpoint)
        }
    }

    /// The files that it was read from.
    var files: [URL] {
        if let vector { return [vector.url] }
        let adapterFiles = adapter.map { adapter in
            ["adapter_config.json", "adapter_model.safetensors"].map {
                adapter.url.appending(path: $0)
            }
        }
        let configuration =
            directory.configuration == nil ? [] : [directory.url.appending(path: "config.json")]
        return configuration + (checkpoint?.files ?? []) + (adapterFiles ?? [])
    }

    /// The family that its configuration says it is of; `nil` where it does not say.
    var family: String? {
        struct Facts: Decodable { var model_type: String? }
        guard checkpoint != nil, let data = directory.configuration else { return nil }
        return try? JSONDecoder().decode(Facts.self, from: data).model_type
    }

    /// The family that other models have to be of; `nil` where the recipe says not to ask.
    var architecture: String? { reference.architecture == nil ? family : nil }

    /// What it brings where it stands by itself: an adapter of the base brings the base along, whose
    /// layers may be elsewhere.
    func whole(over base: SourceModel?) throws -> ModelPool.Member {
        guard checkpoint == nil, let changes = try adapter?.adapter() else { return member }
        guard let weights = base?.checkpoint else { throw MergeError.adapterWithoutBase }
        return ModelPool.Member(name: member.name, checkpoint: weights, adapter: changes)
    }

    /// The directory whose configuration tells of its layers.
    func layerDirectory(over base: SourceModel?) -> ModelDirectory {
        checkpoint == nil ? base?.directory ?? directory : directory
    }
}

extension ModelReference {
    /// The file that it names in the place of a model's directory.
    var file: URL? {
        guard adapter == nil, case .directory(let path) = model.location else { return nil }
        var isDirectory = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
        return exists && !isDirectory ? URL(filePath: path) : nil
    }
}

extension ModelDirectory {
    /// Finds what a recipe names: a directory, or an id in the local cache.
    init(opening source: ModelReference.Source) throws {
        if let file = ModelReference(source).file { throw TaskVectorError.notAModel(file.path) }
        let name =
            switch source.location {
            case .directory(let path): path
            case .hub: source.description
            }
        try self.init(resolving: name, relativeTo: [])
    }
}
