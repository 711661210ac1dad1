internal import Autograd
internal import Checkpoints
public import Foundation
public import Merging
internal import Tasks
public import Tensors
internal import Transformers

/// `merganser statistics`: runs a model over its task's data and writes down what merges need to
/// know of it.
public enum StatisticsCollection {
    /// What is collected, and how it is stored.
    public struct Options: Sendable {
        /// The task, where the model answers several.
        public var task: String?
        /// The labels of Fisher information.
        public var labels = FisherLabels.automatic
        /// Whether Gram matrices are stored in full.
        public var isFull = false
        /// Whether numbers are stored in bfloat16.
        public var isHalf = false
        /// The bytes that Gram matrices may take in memory; for more, the model is run again.
        public var memory = 4 << 30

        /// The options that hold unless told otherwise.
        public init() {}
    }

    /// What was written.
    public struct Result: Sendable, Encodable, Equatable {
        /// The file.
        public let file: String
        /// `gram` or `fisher`.
        public let kind: String
        /// The name of the task.
        public let task: String
        /// The part of its data.
        public let split: String
        /// The number of examples.
        public let examples: Int
        /// The number of tensors.
        public let tensors: Int
        /// The bytes of the file.
        public let bytes: Int
    }

    /// Collects statistics of a model of a recipe, given by its path or id, on the `adapt` split of
    /// the task that it answers there.
    public static func run(
        _ kind: StatisticsFile.Kind,
        of model: String,
        with recipe: Recipe,
        to output: URL,
        _ options: Options = Options(),
        workers: Workers = .all,
        observer: Observer = Observer()
    ) throws -> Result {
        let task = try StatisticsTask.find(model, task: options.task, in: recipe)
        return try run(kind, task, recipe, to: output, options, workers, observer)
    }

    static func run(
        _ kind: StatisticsFile.Kind,
        _ task: RecipeTask,
        _ recipe: Recipe,
        to output: URL,
        _ options: Options,
        _ workers: Workers,
        _ observer: Observer
    ) throws -> Result {
        let source = try StatisticsTask(kind, of: task, in: recipe, workers)
        let split = try source.task.read(
            source.task.adapt,
            labels: kind == .fisher && options.labels == .empirical ? .required : .unread,
            workers: workers,
            observer: observer
        )
        var options = options
        if kind == .fisher, options.labels == .automatic {
            let run = FisherRun(source: source, split: split, workers: workers, observer: observer)
            options.labels = options.labels.resolved(classes: try run.classes())
        }
        let provenance = try source.provenance(
            kind,
            options.labels,
            examples: split.encoded.count
        )
        try FileManager.default.createDirectory(
            at: output.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        let tensors =
            switch kind {
            case .gram:
                try GramRun(source: source, split: split, workers: workers, observer: observer)
                    .write(provenance, to: output, options)
            case .fisher:
                try FisherRun(source: source, split: split, workers: workers, observer: observer)
                    .write(provenance, to: output, options, seed: recipe.seed)
            case .mask: throw StatisticsRequestError.masks
            }
        return Result(
            file: output.path,
            kind: kind.rawValue,
            task: source.name,
            split: source.task.adapt.description,
            examples: split.encoded.count,
            tensors: tensors,
            bytes: try output.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
        )
    }
}

extension StatisticsCollection.Options {
    /// The format of what is stored.
    var dtype: DType { isHalf ? .bfloat16 : .float32 }
}
