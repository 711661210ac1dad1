internal import Checkpoints
internal import Foundation
internal import Tasks

/// The answers that a finished run of the same tasks and models holds, which need no second asking.
struct RecordedAnswers: Sendable {
    private let file: Checkpoint

    /// The answers of a run, unless it has not ended, its recipe asks something else of something
    /// else, or one of its input files is no longer what it was: `inputs` gives them as they are.
    init?(
        of run: RunDirectory,
        for setup: MergeSetup,
        tasks: [OpenTask],
        inputs: () throws -> [RunLock.Input]
    ) throws {
        guard run.has(run.answers), run.has(run.coefficients), run.has(run.lock) else {
            return nil
        }
        let earlier = try Recipe(contentsOf: run.recipe, methods: MethodSignature.all)
        let recipe = setup.recipe.resolvingSplits(of: tasks)
        guard recipe.learning != nil, earlier.tasks == recipe.tasks,
            earlier.baseModel == recipe.baseModel, earlier.experts == recipe.experts,
            earlier.dtype == recipe.dtype
        else { return nil }
        let lock = try RunJSON.decode(RunLock.self, from: run.lock)
        guard try lock.changes(in: inputs()).isEmpty else { return nil }
        file = try Checkpoint(at: run.answers)
    }

    /// The answers of `base`, `merged` or `expert` to a task's evaluate split.
    func lookUp(_ model: String) -> @Sendable (OpenTask, Int) throws -> Answers? {
        { [file] task, examples in
            try AnswersFile.read(
                model,
                task: task.name,
                split: task.evaluate.description,
                examples: examples,
                from: file
            )
        }
    }
}
