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
        // Many runs read the same and differ in how they learn.
        let known = try shared.value("inputs of \(recipe.onlyInputs.resolvedYAML())") {
            try RunInputs(recipe, shared, workers, observer)
        }
        var text = try recipe.resolvingSplits(of: known.tasks).resolvedYAML()
        // A path stands for the content under it; longer ones first, since one may begin another.
        for path in recipe.paths.sorted(by: { ($1.count, $0) < ($0.count, $1) }) {
            let place = URL(filePath: path).resolvingSymlinksInPath().path
            let content = known.files
                .filter { $0.path == place || $0.path.hasPrefix(place + "/") }
                .map { "\($0.path.dropFirst(place.count)) \($0.sha256)" }
            text = text.replacing(path, with: ContentHash.of(hashes: content.sorted()))
        }
        inputs = ContentHash.of(hashes: known.files.map(\.sha256).sorted())
        hash = ContentHash.of(hashes: [purpose, text, inputs])
    }
}

/// The tasks and the files that a recipe reads.
private struct RunInputs: Sendable {
    let tasks: [OpenTask]
    let files: [RunLock.Input]

    init(
        _ recipe: Recipe,
        _ shared: SharedWork,
        _ workers: Workers,
        _ observer: Observer
    ) throws {
        let setup = try MergeSetup(recipe)
        tasks = try recipe.tasks.map { try OpenTask($0, in: setup, workers, shared: shared) }
        let urls =
            setup.inputFiles + tasks.flatMap(\.inputFiles)
            + InputFiles.statistics(of: recipe).map(\.url)
            + recipe.earlierRuns.map { RunDirectory(URL(filePath: $0)).coefficients }
        files = try RunLock.inputs(urls, workers, observer, shared: shared)
    }
}

extension Recipe {
    /// The recipe without anything that does not say which files it reads.
    fileprivate var onlyInputs: Recipe {
        var copy = self
        (copy.learning, copy.seed) = (nil, 0)
        for index in copy.models.indices { copy.models[index].parameters = [:] }
        let files = InputFiles.statistics(of: self).map(\.url.path) + earlierRuns
        copy.parameters = ["files": .scalar(.text(files.joined(separator: "\n")))]
        return copy
    }

    /// The runs that coefficients begin with.
    fileprivate var earlierRuns: [String] {
        if case .run(let path)? = learning?.initial { [path] } else { [] }
    }

    /// The absolute paths that the recipe names.
    fileprivate var paths: Set<String> {
        var places: [ModelReference] = experts + tasks.map(\.model)
        if let baseModel { places.append(baseModel) }
        let models = places.flatMap { [$0.model, $0.adapter].compactMap(\.self) }
            .map(\.location.path)
        let data = tasks.flatMap { [$0.data?.path, $0.head.file].compactMap(\.self) }
        let files = InputFiles.statistics(of: self).map(\.url.path) + earlierRuns
        return Set((models + data + files).filter { $0.hasPrefix("/") })
    }
}
