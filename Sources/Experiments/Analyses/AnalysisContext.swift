internal import Checkpoints
internal import Foundation
internal import Merging
internal import Tasks
internal import Tensors
internal import Transformers

/// What an analysis looks at: a recipe's models and the inputs of its tasks.
struct AnalysisContext: Sendable {
    let recipe: Recipe
    let setup: MergeSetup
    let tasks: [OpenTask]
    let workers: Workers
    let observer: Observer
    /// Where what was found so far is kept.
    private let directory: URL

    init(
        _ recipe: Recipe,
        in directory: URL,
        _ shared: SharedWork,
        _ workers: Workers,
        _ observer: Observer
    ) throws {
        let setup = try MergeSetup(recipe)
        (self.recipe, self.setup, self.directory) = (recipe, setup, directory)
        tasks = try recipe.tasks.map { try OpenTask($0, in: setup, workers, shared: shared) }
        (self.workers, self.observer) = (workers, observer)
    }

    /// The names that tell the experts apart.
    var experts: [String] { setup.pool.experts }

    /// The position of an expert, which may also go by the name of its task.
    func expert(_ name: String) throws -> Int {
        if let index = experts.firstIndex(of: name) { return index }
        if let task = tasks.first(where: { $0.name == name }) { return task.expertIndex }
        throw ExperimentFileError.unknownExpert(name, known: experts)
    }

    /// The tasks of some names, in that order; all of them where none is named.
    func tasks(named names: [String]) throws -> [OpenTask] {
        guard !names.isEmpty else { return tasks }
        return try names.map { name in
            guard let task = tasks.first(where: { $0.name == name }) else {
                throw ExperimentFileError.unknownTask(name, known: tasks.map(\.name))
            }
            return task
        }
    }

    /// A part of what is found, which is kept, so that an analysis that was stopped goes on from there.
    func kept<Part: Codable>(_ name: String, _ find: () throws -> Part) throws -> Part {
        let file = directory.appending(path: "parts").appending(path: "\(name).json")
        if let part = try? RunJSON.decode(Part.self, from: file) { return part }
        if observer.isCancelled() {
            throw ExperimentError.stopped(directory: directory.path)
        }
        let part = try find()
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try AtomicFile.write(RunJSON.encode(part), to: file)
        return part
    }

    /// Forgets the parts, once the whole is there.
    func forgetParts() {
        try? FileManager.default.removeItem(at: directory.appending(path: "parts"))
    }

    /// The examples of a task that are scored, at most so many of them, from the first on.
    func examples(of task: OpenTask, atMost limit: Int? = nil) throws -> OpenSplit {
        let split = try task.read(
            task.evaluate,
            labels: .ifThere,
            workers: workers,
            observer: observer
        )
        guard let limit, limit < split.encoded.count else { return split }
        let chosen = Array(0..<limit)
        return OpenSplit(
            inputs: split.inputs.leavingOut(Array(limit..<split.inputs.count)),
            encoded: split.encoded.selecting(chosen),
            labels: split.labels.map { Array($0.prefix(limit)) }
        )
    }

    /// What θ₀ + Σₖ λₖ·τₖ answers to examples of a task.
    func answers(
        of coefficients: [Float],
        to task: OpenTask,
        on split: OpenSplit
    ) throws -> Answers {
        Answers(
            logits: try Predictions.logits(
                of: setup.model(task.expert, coefficients: coefficients, workers),
                on: split.encoded,
                workers: workers
            ),
            labels: split.labels
        )
    }
}
