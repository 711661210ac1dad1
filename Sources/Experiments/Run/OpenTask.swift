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
    let adapt, select, evaluate: SplitReference
    var selectIsAdapt: Bool { select == adapt }
    /// The file of its head, where the recipe names one.
    let headFile: URL?
    private let encoder: TextEncoder

    init(_ task: RecipeTask, in setup: MergeSetup, _ workers: Workers) throws {
        guard let data = task.data else { throw ExperimentError.noData(task: task.name) }
        (name, weight) = (task.name, task.weight)
        let dataset = try Dataset(DataSource(data))
        let adapt = try task.adapt ?? dataset.defaultSplit("train")
        let evaluate = try task.evaluate ?? dataset.defaultSplit("test")
        (self.dataset, self.adapt, self.evaluate) = (dataset, adapt, evaluate)
        select = task.select ?? adapt
        headFile = task.head.file.map { URL(filePath: $0) }
        expertIndex = try setup.expert(of: task.model, task: task.name)
        expert = try setup.expert(
            answering: task,
            classNames: {
                try dataset.classNames(of: evaluate.split) ?? dataset.classNames(of: adapt.split)
            },
            workers: workers
        )
        encoder = try TextEncoder(
            tokenizerIn: [expert.directory, setup.base.url],
            configuration: expert.configuration,
            maximumLength: data.maxLength
        )
    }

    /// Inputs without labels.
    func unlabeled(_ split: SplitReference) throws -> UnlabeledExamples {
        try dataset.unlabeled(split)
    }

    /// Inputs with labels, where the data has any.
    func labeledIfPossible(
        _ split: SplitReference
    ) throws -> (inputs: UnlabeledExamples, labels: [Int32]?) {
        do {
            let labeled = try dataset.labeled(split, classNames: expert.classNames)
            return (labeled.examples, labeled.labels)
        } catch DataError.noLabels {
            return (try dataset.unlabeled(split), nil)
        }
    }

    func encode(_ examples: UnlabeledExamples, _ workers: Workers) throws -> EncodedExamples {
        try encoder.encode(examples, workers: workers)
    }
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
