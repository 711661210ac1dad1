internal import Tasks
internal import Tensors

/// What learning reads of a task: inputs to adapt on, and inputs to choose the best step by.
struct LearningData: Sendable {
    /// The inputs that drive the learning.
    let adapted: UnlabeledExamples
    /// The same, tokenized.
    let adapt: EncodedExamples
    /// Their labels; read only where the objective says so.
    let labels: [Int32]?
    /// Inputs of the `select` split, at most as many as the recipe says.
    let select: EncodedExamples

    init(
        _ task: OpenTask,
        _ parameters: LearningParameters,
        _ seed: UInt64,
        _ workers: Workers
    ) throws {
        if parameters.objective == .crossEntropy {
            let labeled = try task.dataset.labeled(
                task.adapt,
                classNames: task.expert.classNames
            )
            (adapted, labels) = (labeled.examples, labeled.labels)
        } else {
            (adapted, labels) = (try task.unlabeled(task.adapt), nil)
        }
        adapt = try task.encode(adapted, workers)
        let all =
            task.selectIsAdapt ? adapt : try task.encode(task.unlabeled(task.select), workers)
        guard all.count > parameters.selectExamples else {
            select = all
            return
        }
        var generator = SeededGenerator(seed: seed, "selection of \(task.name)")
        let chosen = generator.permutation(of: all.count).prefix(parameters.selectExamples)
        select = EncodedExamples(tokens: all.batch(chosen.sorted()))
    }
}
