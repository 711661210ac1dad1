internal import Checkpoints
internal import Foundation
internal import Tasks
internal import Tensors

/// What tells a run from every other: what its recipe says, and the content of every file that it reads.
///
/// Places do not matter, so a directory of results goes on where it and its inputs are moved together.
struct RunIdentity: Sendable {
    /// The SHA-256 of the recipe, with the content of files in the place of their paths.
    let hash: String
    /// The SHA-256 of the list of the SHA-256 of all inputs.
    let inputs: String

    /// The name of the run's directory.
    var name: String { String(hash.prefix(12)) }

    init(
        of recipe: Recipe,
        _ purpose: String,
        _ shared: SharedWork,
        _ workers: Workers,
        _ observer: Observer
    ) throws {
        let setup = try MergeSetup(recipe)
        let tasks = try recipe.tasks.map { try OpenTask($0, in: setup, workers, shared: shared) }
        var text = try recipe.resolvingSplits(of: tasks).resolvedYAML()
        let files = try RunLock.inputs(of: setup, tasks, workers, observer, shared: shared)
        // A path stands for the content under it; longer ones first, since one may begin another.
        for path in recipe.paths.sorted(by: { ($1.count, $0) < ($0.count, $1) }) {
            let place = URL(filePath: path).resolvingSymlinksInPath().path
            let content = files.filter { $0.path == place || $0.path.hasPrefix(place + "/") }
                .map { "\($0.path.dropFirst(place.count)) \($0.sha256)" }
            text = text.replacing(path, with: ContentHash.of(hashes: content.sorted()))
        }
        inputs = ContentHash.of(hashes: files.map(\.sha256).sorted())
        hash = ContentHash.of(hashes: [purpose, text, inputs])
    }
}

extension Recipe {
    /// The absolute paths that the recipe names.
    fileprivate var paths: Set<String> {
        var places: [ModelReference] = experts + tasks.map(\.model)
        if let baseModel { places.append(baseModel) }
        let models = places.flatMap { [$0.model, $0.adapter].compactMap(\.self) }.map(
            \.location.path
        )
        let files = tasks.flatMap { [$0.data?.path, $0.head.file].compactMap(\.self) }
        return Set(
            (models + files + self.models.compactMap(\.statistics)).filter { $0.hasPrefix("/") }
        )
    }
}
