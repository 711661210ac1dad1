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
    /// What tells those from other examples of the task.
    let selectIdentity: String

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
        let chosen = parameters.adaptExamples.flatMap {
            Self.adaptation(of: task, atMost: $0, among: read.encoded.count, seed)
        }
        if let chosen {
            adapted = read.inputs.keeping(chosen)
            adapt = read.encoded.selecting(chosen)
            labels = read.labels.map { labels in chosen.map { labels[$0] } }
        } else {
            (adapted, adapt, labels) = (read.inputs, read.encoded, read.labels)
        }
        let all =
            task.selectIsAdapt
            ? adapt
            : try task.read(
                task.select,
                labels: .unread,
                workers: workers,
                observer: observer
            ).encoded
        let looked = Self.choice(
            of: parameters.selectExamples,
            among: all.count,
            seed,
            "selection of \(task.name)"
        )
        select = looked.map(all.selecting) ?? all
        // Of the examples that are adapted on, only some may have been there to choose from.
        let origin = task.selectIsAdapt ? chosen.map { "\($0) of " } ?? "" : ""
        selectIdentity = "\(looked.map { "\($0)" } ?? "all") of \(origin)\(task.select)"
    }

    /// The inputs that are adapted on where a run takes so many of them at most.
    static func adapted(
        _ inputs: UnlabeledExamples,
        of task: OpenTask,
        atMost limit: Int,
        _ seed: UInt64
    ) -> UnlabeledExamples {
        adaptation(of: task, atMost: limit, among: inputs.count, seed).map(inputs.keeping)
            ?? inputs
    }

    private static func adaptation(
        of task: OpenTask,
        atMost limit: Int,
        among count: Int,
        _ seed: UInt64
    ) -> [Int]? {
        choice(of: limit, among: count, seed, "adaptation of \(task.name)")
    }

    /// So many positions at random, in their order; `nil` where that is all of them.
    private static func choice(
        of limit: Int,
        among count: Int,
        _ seed: UInt64,
        _ name: String
    ) -> [Int]? {
        guard count > limit else { return nil }
        var generator = SeededGenerator(seed: seed, name)
        return generator.permutation(of: count).prefix(limit).sorted()
    }
}

extension UnlabeledExamples {
    /// The examples at some positions alone.
    fileprivate func keeping(_ positions: [Int]) -> UnlabeledExamples {
        let kept = Set(positions)
        return leavingOut(inputs.indices.filter { !kept.contains($0) })
    }
}
