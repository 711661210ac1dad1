internal import Checkpoints
internal import Foundation
internal import Merging
internal import Tasks
internal import Tensors

/// What a run has found so far: what its page is made of.
struct RunResults: Sendable {
    /// The name of its directory.
    let name: String
    let recipe: Recipe
    let history: [HistoryEntry]
    /// The coefficients at every step, `[steps, groups, models]`; `nil` before the first is saved.
    let trajectory: Tensor?
    /// What is kept; `nil` while it learns.
    let kept: Coefficients?
    /// The scores; empty while it learns.
    let evaluation: [TaskEvaluation]
    let lock: RunLock?

    /// Reads a run, which need not have ended.
    ///
    /// - Throws: `ExperimentError.notARun` where there is no recipe.
    init(_ run: RunDirectory) throws {
        guard run.has(run.recipe) else {
            throw ExperimentFileError.notResults(run.url.path)
        }
        name = run.url.lastPathComponent
        recipe = try Recipe(contentsOf: run.recipe, methods: MethodSignature.all)
        history = try HistoryEntry.all(of: run)
        trajectory =
            run.has(run.trajectory)
            ? try Checkpoint(at: run.trajectory).view("lambda").tensor() : nil
        kept =
            run.has(run.coefficients)
            ? try RunJSON.decode(Coefficients.self, from: run.coefficients) : nil
        evaluation =
            run.has(run.evaluation)
            ? try RunJSON.decode([TaskEvaluation].self, from: run.evaluation) : []
        lock = run.has(run.lock) ? try RunJSON.decode(RunLock.self, from: run.lock) : nil
    }

    /// The step whose coefficients are kept, by the unlabeled criterion.
    var bestStep: Int? {
        guard recipe.learning?.keep == .best else { return history.last?.step }
        let looked = history.compactMap { entry in
            entry.selection.map { (step: entry.step, criterion: $0.criterion) }
        }
        return looked.min { $0.criterion < $1.criterion }?.step
    }
}
