public import FoundationEssentials
internal import Merging
public import Tensors

extension Export {
    /// Writes the merge of a finished run, with its scores and the commands that made it.
    ///
    /// Throws where the run has not ended, or its models changed since.
    @discardableResult
    public static func run(
        _ run: RunDirectory,
        task: String?,
        to output: URL,
        _ options: OutputOptions = OutputOptions(),
        command: [String],
        workers: Workers,
        observer: Observer = Observer()
    ) throws -> WrittenModel {
        guard run.has(run.coefficients), run.has(run.evaluation) else {
            throw ExperimentError.notARun(
                run.url.path,
                reason: "it has no coefficients and scores yet; continue it with learn"
            )
        }
        let recipe = try Recipe(contentsOf: run.recipe, methods: MethodSignature.all)
        let lock = try RunJSON.decode(RunLock.self, from: run.lock)
        return try write(
            RunJSON.decode(Coefficients.self, from: run.coefficients),
            of: MergeSetup(recipe, of: run),
            task: task,
            to: output,
            options,
            results: RunJSON.decode([TaskEvaluation].self, from: run.evaluation),
            commands: lock.command == command ? [command] : [lock.command, command],
            workers: workers,
            observer: observer
        )
    }
}
