internal import Tasks
internal import Tensors

/// What learning reads of a task: inputs to adapt on, and inputs to choose the best step by.
struct LearningData: Sendable {
    /// The inputs that drive the learning.
    let adapted: UnlabeledExamples
    /// The same, as the model reads them.
    let adapt: EncodedExamples
    /// Their labels; read only where the objective says so.
    let labels: [Int32]?
    /// Inputs of the `select` split, at most as many as the recipe says.
    let select: EncodedExamples

    init(
        _ task: OpenTask,
        _ parameters: LearningParameters,
        _ seed: UInt64,
        _ workers: Workers,
        _ observer: Observer
    ) throws {
        let read = try task.read(
            task.adapt,
            labels: parameters.objective.kind == .crossEntropy ? .required : .unread,
            workers: workers,
            observer: observer
        )
        (adapted, adapt, labels) = (read.inputs, read.encoded, read.labels)
        let all =
            task.selectIsAdapt
            ? adapt
            : try task.read(
                task.select,
                labels: .unread,
                workers: workers,
                observer: observer
            ).encoded
        guard all.count > parameters.selectExamples else {
            select = all
            return
        }
        var generator = SeededGenerator(seed: seed, "selection of \(task.name)")
        let chosen = generator.permutation(of: all.count).prefix(parameters.selectExamples)
        select = all.selecting(chosen.sorted())
    }
}
