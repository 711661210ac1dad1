internal import Checkpoints
internal import Foundation
internal import Merging

/// A base and models of it, opened and matched, for what is done with task vectors outside of a merge.
struct VectorModels: Sendable {
    /// The base.
    let base: SourceModel
    /// Its weights.
    let checkpoint: Checkpoint
    /// The models, each a checkpoint, an adapter or a task vector.
    let experts: [SourceModel]
    /// Their parameters.
    let pool: ModelPool

    /// Opens models, given by their paths or ids.
    ///
    /// - Throws: everything that does not match, in one error.
    init(base: String, experts: [String]) throws {
        let reference = try ModelReference(argument: base)
        if let file = reference.file { throw TaskVectorError.noWholeBase(file.path) }
        let opened = try SourceModel(reference, base: nil)
        guard let checkpoint = opened.checkpoint else {
            throw TaskVectorError.noWholeBase(reference.title)
        }
        let models = try experts.map {
            try SourceModel(ModelReference(argument: $0), base: reference)
        }
        (self.base, self.checkpoint, self.experts) = (opened, checkpoint, models)
        pool = try ModelPool(
            base: .init(name: reference.description, checkpoint: checkpoint),
            experts: models.map(\.member)
        )
        try models.check(against: checkpoint, named: reference.title)
    }

    /// The SHA-256 of a model's weights, as files of statistics have it.
    func hash(of model: SourceModel) throws -> String {
        if let vector = model.vector { return try ContentHash.of([vector.url]) }
        return try ContentHash.of(
            ContentHash.weights(
                adapter: model.adapter,
                over: (model.checkpoint ?? checkpoint).files
            )
        )
    }
}

extension ModelReference {
    /// A model as a command line names it: a directory, a file, or an id in the local cache.
    init(argument: String) throws {
        let here = FileManager.default.currentDirectoryPath
        let environment = ProcessInfo.processInfo.environment
        if let path = PathResolver(directories: [here]).existing(argument) {
            self.init(.init(.directory(path)))
            return
        }
        let parts = argument.split(separator: "@", maxSplits: 1).map(String.init)
        guard let id = parts.first, Self.isHubIdentifier(id) else {
            throw CheckpointError.modelNotFound(
                reference: argument,
                places: [
                    PathResolver.standardized(
                        argument.hasPrefix("/") ? argument : "\(here)/\(argument)"
                    )
                ]
            )
        }
        self.init(.init(.hub(id), revision: parts.count == 2 ? parts[1] : nil))
        // Says now, and with all places, what is not there.
        _ = try ModelDirectory(
            resolving: argument,
            relativeTo: [URL(filePath: here)],
            environment: environment
        )
    }
}
