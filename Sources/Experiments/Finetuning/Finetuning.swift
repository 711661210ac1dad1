internal import Autograd
internal import Checkpoints
public import Foundation
internal import Tasks
public import Tensors

/// Fine-tunes a base model on a labeled task: every parameter, or a low-rank adapter.
///
/// ```swift
/// let recipe = try FinetuneRecipe(contentsOf: URL(filePath: "role.yml"))
/// let result = try Finetuning.run(recipe, output: URL(filePath: "experts/role"))
/// ```
public enum Finetuning {
    /// How often the state is saved: rarely, as that of a full fine-tune is three models large.
    private static let saveInterval: Duration = .seconds(30)

    /// Fine-tunes as a recipe says and writes the expert.
    ///
    /// The output is a Hugging Face classifier with its tokenizer, or an adapter as PEFT has them
    /// with the classifier's `config.json`; beside the weights lie `README.md` and `history.jsonl`.
    /// It appears when it is complete. Until then `OUTPUT.partial` holds the state, which is saved
    /// twice a minute and when the run is cancelled; the same call then goes on from there, and ends
    /// with the same bits. These depend on neither the number of workers nor the time.
    ///
    /// - Parameters:
    ///   - recipe: the base model, the task, and how to learn it.
    ///   - output: a directory that does not exist yet, or is empty.
    ///   - workers: the cores to use.
    ///   - workingDirectory: the directory that the adapter's base model is named relative to, where
    ///     it lies inside; by default that of the process.
    ///   - observer: is told of every step, and asked after it whether to stop.
    /// - Returns: the scores of the expert as it was written, and what led to them.
    /// - Throws: `ExperimentError.interrupted` after a cancellation; ``FinetuneError``, `DataError`,
    ///   `CheckpointError` and others where the inputs do not fit.
    public static func run(
        _ recipe: FinetuneRecipe,
        output: URL,
        workers: Workers = .all,
        workingDirectory: URL? = nil,
        observer: Observer = Observer()
    ) throws -> FinetuneResult {
        // Whatever may be wrong is found before the first step.
        try recipe.checkForFinetuning()
        let setup = try FinetuneSetup(recipe)
        if setup.model.base.startsFromScratch {
            guard recipe.lora == nil else {
                throw FinetuneError.adapterWithoutWeights(recipe.baseModel.description)
            }
            observer.warn(
                "\(recipe.baseModel) holds no weights: the model is trained from random ones."
            )
        }
        let baseName = recipe.baseModel.name(relativeTo: workingDirectory)
        let writer = try FinetuneOutput(setup.model, for: recipe, baseName: baseName)
        let evaluation = try setup.encode(
            setup.data.evaluation,
            workers: workers,
            observer: observer
        )
        let workspace = try FinetuneWorkspace(output: output, recipe: recipe)
        try workspace.check(inputs: setup.inputs, workers: workers, observer: observer)

        let (parameters, history) = try train(
            setup,
            in: workspace,
            workers: workers,
            observer: observer
        )
        let result = try OutputDirectory.write(to: output) { directory in
            let values = try writer.write(parameters, to: directory)
            observer.begin("scoring", evaluation.inputs.count)
            let scores = try setup.score(
                values,
                on: evaluation,
                workers: workers,
                progress: observer.advance
            )
            let result = setup.result(parameters, history, scores)
            let card = FinetuneCard(recipe: recipe, result: result, baseName: baseName)
            try AtomicFile.write(card.text, to: directory.appending(path: "README.md"))
            try AtomicFile.write(
                history.jsonLines(),
                to: directory.appending(path: "history.jsonl")
            )
            return result
        }
        workspace.remove()
        return result
    }

    /// Makes the steps that are left.
    private static func train(
        _ setup: FinetuneSetup,
        in workspace: FinetuneWorkspace,
        workers: Workers,
        observer: Observer
    ) throws -> (parameters: [LearnedParameter], history: [FinetuneRecord]) {
        let parameters = try setup.model.start(seed: setup.recipe.seed)
        var history = try workspace.restore(parameters)
        var trainer = FinetuneTrainer(
            setup.model,
            parameters,
            step: history.count,
            options: setup.options,
            workers: workers
        )
        let examples = try setup.encode(
            setup.data.training,
            workers: workers,
            observer: observer
        )
        observer.begin("fine-tuning", setup.steps)
        observer.advance(history.count)
        var saved = ContinuousClock.now
        while trainer.step < setup.steps {
            let record = try trainer.advance(setup.batch(at: trainer.step, of: examples))
            history.append(record)
            observer.advance(1)
            let isStopping = observer.isCancelled()
            let isDue = ContinuousClock.now - saved > saveInterval
            if isStopping || isDue || trainer.step == setup.steps {
                try workspace.save(parameters, history: history)
                saved = .now
            }
            if isStopping {
                throw ExperimentError.interrupted(
                    step: history.count,
                    directory: workspace.directory.path
                )
            }
        }
        return (parameters, history)
    }
}

extension ModelReference {
    /// What a file calls the model that is worth reading elsewhere: an id; a path relative to the
    /// working directory where it lies inside that; else the absolute path.
    fileprivate func name(relativeTo directory: URL?) -> String {
        let working = directory?.path ?? FileManager.default.currentDirectoryPath
        let inside = working.hasSuffix("/") ? working : working + "/"
        return description.hasPrefix(inside)
            ? String(description.dropFirst(inside.count)) : description
    }
}
