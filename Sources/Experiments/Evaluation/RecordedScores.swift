internal import Foundation
internal import Tasks

/// The scores that a finished run of the same tasks and models holds, which need no second asking.
struct RecordedScores: Sendable {
    private let entries: [TaskEvaluation]

    /// The scores of a run, unless it has not ended, its recipe asks something else of something
    /// else, or one of its input files is no longer what it was: `inputs` gives them as they are.
    init?(
        of run: RunDirectory,
        for setup: MergeSetup,
        tasks: [OpenTask],
        inputs: () throws -> [RunLock.Input]
    ) throws {
        guard run.has(run.evaluation), run.has(run.coefficients), run.has(run.lock) else {
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
        entries = try RunJSON.decode([TaskEvaluation].self, from: run.evaluation)
    }

    /// The scores of `base`, `merged` or `expert` by task, and whether its inputs were adapted on.
    func lookUp(_ model: String) -> @Sendable (String, Bool, Int) -> Scores? {
        { [entries] task, transductive, examples in
            entries.first {
                $0.task == task && $0.transductive == transductive && $0.examples == examples
            }?.scores[model]
        }
    }
}
