internal import Autograd
internal import Checkpoints
internal import Foundation
internal import Tensors

/// What is kept of a run until its output is complete: the directory `OUTPUT.partial`.
///
/// It holds the resolved recipe, the hashes of all inputs and, from the first save on, the state:
/// with the same recipe and inputs a stopped run goes on from there to the same bits.
struct FinetuneWorkspace: Sendable {
    let directory: URL

    private var recipeFile: URL { directory.appending(path: "recipe.yml") }
    private var lockFile: URL { directory.appending(path: "lock.json") }
    private var historyFile: URL { directory.appending(path: "history.jsonl") }
    private var stateFile: URL { directory.appending(path: "state.safetensors") }

    /// The workspace of an output, made anew or found again.
    ///
    /// - Throws: `ExperimentError.otherRecipe` or `.changedInput` where it was begun with others,
    ///   `CheckpointError.occupied` where the output exists or something else lies there.
    init(output: URL, recipe: FinetuneRecipe) throws {
        let output = output.standardizedFileURL
        directory = output.deletingLastPathComponent()
            .appending(path: output.lastPathComponent + ".partial")
        let files = FileManager.default
        guard try Self.names(in: output).isEmpty else {
            throw CheckpointError.occupied(directory: output.path)
        }
        if files.fileExists(atPath: stateFile.path) {
            let differences = try recipe.differences(from: FinetuneRecipe(contentsOf: recipeFile))
            guard differences.isEmpty else {
                throw ExperimentError.otherRecipe(
                    directory: directory.path,
                    differences: differences.map(\.description)
                )
            }
        } else {
            // Nothing was learned yet, so nothing is lost by beginning with another recipe.
            let own = [recipeFile, lockFile, historyFile].map(\.lastPathComponent)
            guard
                try Self.names(in: directory).allSatisfy({ own.contains($0) || $0.hasPrefix(".") })
            else { throw CheckpointError.occupied(directory: directory.path) }
            try files.createDirectory(at: directory, withIntermediateDirectories: true)
            try? files.removeItem(at: lockFile)
            try AtomicFile.write(recipe.resolvedYAML(), to: recipeFile)
        }
    }

    /// Throws if an input has changed since the run was begun.
    func check(inputs: [URL], workers: Workers, observer: Observer) throws {
        let inputs = try RunLock.inputs(inputs, workers, observer)
        let lock = RunLock(inputs: inputs, command: [], workers: workers)
        guard FileManager.default.fileExists(atPath: lockFile.path) else {
            return try AtomicFile.write(RunJSON.encode(lock), to: lockFile)
        }
        let known = try RunJSON.decode(RunLock.self, from: lockFile)
            .inputs.reduce(into: [:]) { $0[$1.path] = $1.sha256 }
        for input in lock.inputs where known[input.path] != input.sha256 {
            throw ExperimentError.changedInput(file: input.path, directory: directory.path)
        }
    }

    /// Forgets everything, once the output is complete.
    func remove() { try? FileManager.default.removeItem(at: directory) }

    /// What lies in a directory; nothing where there is none.
    private static func names(in directory: URL) throws -> [String] {
        guard FileManager.default.fileExists(atPath: directory.path) else { return [] }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory.path)
        else { throw CheckpointError.notADirectory(file: directory.path) }
        return names
    }
}

// MARK: State

extension FinetuneWorkspace {
    /// Saves where a run stands; the state comes last, as it says how far the history counts.
    func save(_ parameters: [LearnedParameter], history: [FinetuneRecord]) throws {
        try AtomicFile.write(history.jsonLines(), to: historyFile)
        var tensors: [(name: String, content: SafeTensors.Content)] = []
        for parameter in parameters {
            let now = parameter.now
            tensors.append(("value.\(parameter.name)", .floats(now.value)))
            tensors.append(("first.\(parameter.name)", .floats(now.optimizer.first)))
            tensors.append(("second.\(parameter.name)", .floats(now.optimizer.second)))
        }
        try SafeTensors.write(tensors, metadata: ["step": String(history.count)], to: stateFile)
    }

    /// Puts the parameters where a saved run stood.
    ///
    /// - Returns: the steps made so far; none where nothing was saved.
    func restore(_ parameters: [LearnedParameter]) throws -> [FinetuneRecord] {
        guard FileManager.default.fileExists(atPath: stateFile.path) else { return [] }
        let state = try Checkpoint(at: stateFile)
        func broken(_ reason: String) -> ExperimentError {
            .brokenState(directory.path, reason: reason)
        }
        guard let step = state.metadata["step"].flatMap({ Int($0) }), step >= 0 else {
            throw broken("state.safetensors does not say how far it is")
        }
        func tensor(_ kind: String, _ parameter: LearnedParameter) throws -> Tensor {
            let name = "\(kind).\(parameter.name)"
            guard let view = state[name], view.shape == parameter.shape else {
                throw broken("state.safetensors has no \(name) \(parameter.shape)")
            }
            return try view.tensor()
        }
        let lines = (try? String(contentsOf: historyFile, encoding: .utf8)) ?? ""
        let history = lines.split(separator: "\n").prefix(step).compactMap {
            try? JSONDecoder().decode(FinetuneRecord.self, from: Data($0.utf8))
        }
        guard history.count == step else { throw broken("history.jsonl ends before step \(step)") }
        for parameter in parameters {
            let optimizer = OptimizerState(
                steps: step,
                first: try tensor("first", parameter),
                second: try tensor("second", parameter)
            )
            let value = try tensor("value", parameter)
            parameter.restore(LearnedParameter.Content(value: value, optimizer: optimizer))
        }
        return history
    }
}

extension [FinetuneRecord] {
    /// One JSON object a line.
    func jsonLines() throws -> Data {
        try reduce(into: Data()) { lines, record in
            lines += try RunJSON.encode(record, pretty: false)
            lines.append(UInt8(ascii: "\n"))
        }
    }
}
