internal import Autograd
internal import Checkpoints
internal import Foundation
internal import Merging
internal import Tasks
internal import Tensors
internal import Transformers

/// A model and its task's data, opened: what statistics are collected from.
struct StatisticsTask: Sendable {
    /// The name of the task.
    let name: String
    /// The data, and who answers it.
    let task: OpenTask
    /// The model's own parameters, those of its base among them where it is an adapter.
    let parameters: any ParameterSource
    /// The files that hold these.
    let weights: [URL]
    /// How the data are read, but for where they and the model lie.
    private let settings: String
    private let seed: UInt64

    /// Opens the model of a task of a recipe.
    ///
    /// No base is needed but for an adapter. A model without classifier needs a head only for
    /// Fisher information.
    init(
        _ kind: StatisticsFile.Kind,
        of task: RecipeTask,
        in recipe: Recipe,
        _ workers: Workers
    ) throws {
        let directory = try ModelDirectory(opening: task.model)
        let base = try recipe.baseModel.map { try ModelDirectory(opening: $0) } ?? directory
        let expert = try TaskExpert(name: task.model.name, directory: directory, base: base)
        let model =
            try directory.adapter().map {
                try RunnableModel(adapter: $0, in: directory, over: base)
            } ?? RunnableModel(directory)
        let isBare = expert.architecture.features != nil && task.head == TaskHead()
        name = task.name
        parameters = model.parameters
        weights = ContentHash.weights(
            adapter: directory.isAdapter ? directory : nil,
            over: try (directory.isAdapter ? base : directory).checkpoint().files
        )
        (settings, seed) = (try task.settings(), recipe.seed)
        self.task = try OpenTask(task, expertIndex: 0, base: base.url) { classNames in
            if kind == .gram, isBare { return expert }
            return try expert.answering(
                task,
                base: base,
                isInTrunk: model.parameters.contains,
                classNames: classNames,
                workers: workers
            )
        }
    }

    /// The task of a recipe that a model, given by its path or id, answers; the one of a name where
    /// it answers several.
    static func find(_ model: String, task name: String?, in recipe: Recipe) throws -> RecipeTask {
        let here = URL(filePath: FileManager.default.currentDirectoryPath)
        let wanted = try ModelDirectory(resolving: model, relativeTo: [here]).url.resolved
        let answered = try recipe.tasks.filter {
            try ModelDirectory(opening: $0.model).url.resolved == wanted
        }
        let chosen = name.map { name in answered.filter { $0.name == name } } ?? answered
        guard let task = chosen.first, chosen.count == 1 else {
            throw StatisticsRequestError.task(
                model: model,
                found: answered.map(\.name),
                tasks: recipe.tasks.map { "\($0.name) (\($0.model.name))" }
            )
        }
        return task
    }

    /// What a file says of how it was made.
    func provenance(
        _ kind: StatisticsFile.Kind,
        _ labels: FisherLabels?,
        examples: Int,
        _ more: String = ""
    ) throws -> StatisticsFile.Provenance {
        var settings = settings + more
        if case .sampled = labels, kind == .fisher { settings += "seed: \(seed)\n" }
        return StatisticsFile.Provenance(
            model: try ContentHash.of(weights),
            data: try ContentHash.of(task.dataset.files(of: task.adapt.split)),
            split: task.adapt.description,
            settings: SHA256Hash.of(Data(settings.utf8)),
            examples: examples,
            labels: kind == .fisher ? labels : nil,
            version: Version.current
        )
    }
}

extension URL {
    /// The place itself, whatever links lead there.
    fileprivate var resolved: String { standardizedFileURL.resolvingSymlinksInPath().path }
}

/// One hash for several files.
enum ContentHash {
    /// The SHA-256 of a file; of several, that of the list of their SHA-256, a line each.
    static func of(_ files: [URL]) throws -> String {
        let hashes = try files.map { try SHA256Hash.ofFile($0) }
        return hashes.count == 1 ? hashes[0] : of(hashes: hashes)
    }

    /// The SHA-256 of a list of SHA-256.
    static func of(hashes: [String]) -> String {
        SHA256Hash.of(Data(hashes.map { $0 + "\n" }.joined().utf8))
    }

    /// The files that tell a model from others, in the order in which they are hashed.
    static func weights(adapter: ModelDirectory?, over files: [URL]) -> [URL] {
        [adapter?.url.appending(path: "adapter_model.safetensors")].compactMap(\.self) + files
    }
}

extension RecipeTask {
    /// How the examples are read and answered, as text: without the places of data and models.
    fileprivate func settings() throws -> String {
        var (data, head) = (data, head)
        data?.path = ""
        head.file = try head.file.map { try ContentHash.of([URL(filePath: $0)]) }
        return try DocumentValue.map([("data", data?.document)] + head.document).yaml()
    }
}

/// Why statistics cannot be collected as they were asked for.
public enum StatisticsRequestError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No task of the recipe is answered by the model, or several are.
    case task(model: String, found: [String], tasks: [String])
    /// The class of the model gives nothing that can be run for.
    case noOutput(model: String, outputs: [String])
    /// Masks are no statistics of a model alone.
    case masks

    /// One sentence: what is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .task(let model, let found, let tasks):
            found.isEmpty
                ? "\(model) answers no task of the recipe; its tasks are "
                    + "\(tasks.joined(separator: ", "))."
                : "\(model) answers several tasks of the recipe, \(found.joined(separator: ", ")); "
                    + "choose one with --task."
        case .noOutput(let model, let outputs):
            "\(model) has no logits, which Fisher information is about, but "
                + "\(outputs.joined(separator: ", ")); give its task a head."
        case .masks:
            "Masks depend on a base as well; merge with localize_and_stitch, which learns them and "
                + "leaves them in OUTPUT.run."
        }
    }
}
