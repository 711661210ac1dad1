internal import Checkpoints
internal import Foundation
internal import Tasks
internal import Tensors
internal import Tokenizers
internal import Transformers

/// The labeled examples of a task: those to learn from and those to score.
struct FinetuneData: Sendable {
    let training: LabeledExamples
    let evaluation: LabeledExamples
    /// The names of the classes, in the order of the model's outputs.
    let classes: [String]

    /// Reads the examples.
    ///
    /// The classes are those of `labels.json` beside the data, in its order unless the base model
    /// has the same in another. Without names they are those of the base model's head if it has as
    /// many, and else numbered.
    init(_ task: FinetuneTask, base: BaseModel) throws {
        let dataset = try Dataset(DataSource(task.data))
        let train = try task.train.parsed ?? dataset.defaultSplit("train")
        let evaluate = try task.evaluate.parsed ?? dataset.defaultSplit("test")
        var names = try dataset.classNames(of: train.split)
        if let own = base.labels, let found = names, Set(own) == Set(found) { names = own }
        training = try dataset.labeled(train, classNames: names)
        evaluation = try dataset.labeled(evaluate, classNames: names)
        let count = 1 + Int(max(training.labels.max() ?? 0, evaluation.labels.max() ?? 0))
        let own = base.labels.flatMap { $0.count == count ? $0 : nil }
        classes = names ?? own ?? (0..<count).map { "LABEL_\($0)" }
        guard classes.count > 1 else {
            throw FinetuneError.tooFewClasses(classes.count, data: task.data.path)
        }
    }

    /// How many of the scored examples are also learned from.
    var seen: Int { evaluation.examples.overlap(with: training.examples).count }

    /// The files that were read, and the list of names beside them where there is one.
    var files: [URL] {
        [training, evaluation].flatMap { part in
            let file = URL(filePath: part.examples.selection.file)
            let list = file.deletingLastPathComponent().appending(path: "labels.json")
            return FileManager.default.fileExists(atPath: list.path) ? [file, list] : [file]
        }
    }
}

extension TextEncoder {
    /// What encodes texts for a classifier on a base model.
    init(_ base: ClassifierBase, maximumLength: Int?) throws {
        let hasTokenizer = ["tokenizer.json", "vocab.txt"].contains {
            FileManager.default.fileExists(atPath: base.directory.url.appending(path: $0).path)
        }
        try self.init(
            tokenizer: hasTokenizer ? Tokenizer(directory: base.directory.url) : nil,
            limits: TextLimits(configuration: base.configuration),
            maximumLength: maximumLength
        )
    }
}

extension DataSource {
    fileprivate init(_ data: TaskData) {
        self.init(
            path: URL(filePath: data.path),
            format: data.format,
            text: data.text,
            textPair: data.textPair,
            label: data.label,
            maximumLength: data.maxLength
        )
    }
}

extension Experiments.SplitReference? {
    /// The reference as the data understands it.
    fileprivate var parsed: Tasks.SplitReference? {
        get throws { try map { try Tasks.SplitReference(parsing: $0.description) } }
    }
}
