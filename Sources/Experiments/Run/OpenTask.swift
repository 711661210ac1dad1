internal import Checkpoints
internal import Foundation
internal import Tasks
internal import Tensors

/// The data of one task, opened: splits are read and tokenized when they are asked for.
struct OpenTask: Sendable {
    let name: String
    let weight: Double
    let expert: TaskExpert
    let expertIndex: Int
    let dataset: Dataset
    let adapt, select: SplitReference
    var evaluate: SplitReference
    /// What it has in common with the tasks of other runs.
    let shared: SharedWork
    /// What tells its inputs, its head and its expert from those of other tasks.
    let identity: String
    var selectIsAdapt: Bool { select == adapt }
    /// The file of its head, where the recipe names one.
    let headFile: URL?
    private let encoder: ExampleEncoder
    private let corruption: Corruption

    init(
        _ task: RecipeTask,
        in setup: MergeSetup,
        _ workers: Workers,
        shared: SharedWork = SharedWork()
    ) throws {
        try self.init(
            task,
            expertIndex: setup.expert(of: task.model, task: task.name),
            base: setup.base.url,
            shared: shared
        ) { classNames in
            try setup.expert(answering: task, classNames: classNames, workers: workers)
        }
    }

    /// The data of a task, for the expert that answers it with the head that the recipe gives it.
    init(
        _ task: RecipeTask,
        expertIndex: Int,
        base: URL,
        shared: SharedWork = SharedWork(),
        expert answering: (_ classNames: () throws -> [String]?) throws -> TaskExpert
    ) throws {
        guard let data = task.data else { throw ExperimentError.noData(task: task.name) }
        (name, weight, self.shared) = (task.name, task.weight, shared)
        identity = try "\(task.model) over \(base.path), \(task.head), \(data.document.yaml())"
        corruption = Corruption(rate: data.corruption)
        let dataset = try Dataset(DataSource(data))
        let adapt = try task.adapt ?? dataset.defaultSplit("train")
        let evaluate = try task.evaluate ?? dataset.defaultSplit("test")
        (self.dataset, self.adapt, self.evaluate) = (dataset, adapt, evaluate)
        select = task.select ?? adapt
        headFile = task.head.file.map { URL(filePath: $0) }
        self.expertIndex = expertIndex
        expert = try answering {
            try dataset.classNames(of: evaluate.split) ?? dataset.classNames(of: adapt.split)
        }
        encoder = try ExampleEncoder(
            for: expert.architecture,
            configuration: expert.configuration,
            in: [expert.directory, base],
            data: data
        )
    }

    /// Reads a split: its inputs, as they are and as the model reads them, and their labels.
    ///
    /// Pictures that are broken are left out where the recipe says so, and `observer` told.
    func read(
        _ split: SplitReference,
        labels: Labels,
        workers: Workers,
        observer: Observer = Observer()
    ) throws -> OpenSplit {
        try shared.value("\(split) of \(identity), labels \(labels)") {
            let (inputs, answers) = try examples(split, labels)
            let encoded = try encoder.encode(
                inputs,
                of: "\(name), \(split)",
                workers: workers,
                observer: observer
            )
            return OpenSplit(
                inputs: inputs.leavingOut(encoded.skipped),
                encoded: encoded,
                labels: answers?.leavingOut(encoded.skipped)
            )
        }
    }

    /// The mean number of tokens of some examples; pictures are not looked at.
    func meanLength(of examples: UnlabeledExamples, _ workers: Workers) throws -> Double {
        if case .pictures(let encoder) = encoder { return Double(encoder.usualLength) }
        let encoded = try encoder.encode(examples, workers: workers)
        return Double(encoded.lengths.reduce(0, +)) / Double(max(1, encoded.count))
    }

    /// Inputs without labels.
    func unlabeled(_ split: SplitReference) throws -> UnlabeledExamples {
        try dataset.unlabeled(split).damaged(by: corruption)
    }

    private func examples(
        _ split: SplitReference,
        _ labels: Labels
    ) throws -> (inputs: UnlabeledExamples, labels: [Int32]?) {
        guard labels != .unread else { return (try unlabeled(split), nil) }
        do {
            let labeled = try dataset.labeled(split, classNames: expert.classNames)
            return (try labeled.examples.damaged(by: corruption), labeled.labels)
        } catch DataError.noLabels where labels == .ifThere {
            return (try unlabeled(split), nil)
        }
    }

    /// Whether the labels of a split are read.
    enum Labels {
        case unread
        case ifThere
        case required
    }
}

/// A part of a task's data, read and encoded.
struct OpenSplit: Sendable {
    let inputs: UnlabeledExamples
    /// The same, as the model reads them.
    let encoded: EncodedExamples
    /// Their labels, where they were asked for and are there.
    let labels: [Int32]?
}

extension Recipe {
    /// The recipe with the splits written out that its tasks are found to have.
    func resolvingSplits(of tasks: [OpenTask]) -> Recipe {
        var copy = self
        for (index, task) in tasks.enumerated() {
            copy.tasks[index].adapt = task.adapt
            copy.tasks[index].select = task.select
            copy.tasks[index].evaluate = task.evaluate
        }
        return copy
    }
}
