internal import Checkpoints
internal import Foundation
internal import Tasks
internal import Tensors
internal import Tokenizers

/// The data of one task, opened: splits are read and tokenized when they are asked for.
struct OpenTask: Sendable {
    let name: String
    let weight: Double
    let expert: TaskExpert
    let expertIndex: Int
    let dataset: Dataset
    let adapt, select, evaluate: Tasks.SplitReference
    let selectIsAdapt: Bool
    private let encoder: TextEncoder

    init(_ task: RecipeTask, in setup: MergeSetup) throws {
        guard let data = task.data else { throw ExperimentError.noData(task: task.name) }
        (name, weight) = (task.name, task.weight)
        expertIndex = try setup.expert(of: task.model, task: task.name)
        expert = setup.experts[expertIndex]
        dataset = try Dataset(
            DataSource(
                path: URL(filePath: data.path),
                format: data.format,
                text: data.text,
                textPair: data.textPair,
                label: data.label,
                maximumLength: data.maxLength
            )
        )
        adapt = try task.adapt.tasks ?? dataset.defaultSplit("train")
        select = try task.select.tasks ?? adapt
        selectIsAdapt = select == adapt
        evaluate = try task.evaluate.tasks ?? dataset.defaultSplit("test")
        let places = [expert.directory, setup.base.url]
        let holder = places.first { directory in
            ["tokenizer.json", "vocab.txt"].contains {
                FileManager.default.fileExists(atPath: directory.appending(path: $0).path)
            }
        }
        encoder = try TextEncoder(
            tokenizer: holder.map { try Tokenizer(directory: $0) },
            limits: TextLimits(configuration: expert.configuration),
            maximumLength: data.maxLength
        )
    }

    /// Inputs without labels.
    func unlabeled(_ split: Tasks.SplitReference) throws -> UnlabeledExamples {
        try dataset.unlabeled(split)
    }

    /// Inputs with labels, where the data has any.
    func labeledIfPossible(
        _ split: Tasks.SplitReference
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

extension Tasks.SplitReference? {
    fileprivate init(_ recipe: Experiments.SplitReference?) throws {
        self = try recipe.map { try Tasks.SplitReference(parsing: $0.description) }
    }
}

extension Experiments.SplitReference? {
    fileprivate var tasks: Tasks.SplitReference? {
        get throws { try .init(self) }
    }
}

extension Recipe {
    /// The recipe with the splits written out that its tasks are found to have.
    func resolvingSplits(of tasks: [OpenTask]) -> Recipe {
        var copy = self
        for (index, task) in tasks.enumerated() {
            copy.tasks[index].adapt = SplitReference(task.adapt.description)
            copy.tasks[index].select = SplitReference(task.select.description)
            copy.tasks[index].evaluate = SplitReference(task.evaluate.description)
        }
        return copy
    }
}

extension TextLimits {
    /// The sizes of a model's tables, from its `config.json`.
    init(configuration: Data) {
        let keys = (try? JSONSerialization.jsonObject(with: configuration)) as? [String: Any]
        self.init(
            positions: keys?["max_position_embeddings"] as? Int,
            vocabulary: keys?["vocab_size"] as? Int,
            types: keys?["type_vocab_size"] as? Int
        )
    }
}
