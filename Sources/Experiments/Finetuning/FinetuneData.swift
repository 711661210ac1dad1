internal import Checkpoints
internal import Foundation
internal import Tasks

/// The labeled examples of a task: those to learn from and those to score.
struct FinetuneData: Sendable {
    let training: LabeledExamples
    let evaluation: LabeledExamples
    /// The names of the classes, in the order of the model's outputs.
    let classes: [String]
    /// The files that were read, and the list of names beside them where there is one.
    let files: [URL]

    /// Reads the examples.
    ///
    /// The classes are those of `labels.json` beside the data, in its order unless the base model
    /// has the same in another. Without names they are those of the base model's head if it has as
    /// many, and else numbered.
    init(_ task: FinetuneTask, base: BaseModel) throws {
        let dataset = try Dataset(DataSource(task.data))
        let train = try task.train ?? dataset.defaultSplit("train")
        let evaluate = try task.evaluate ?? dataset.defaultSplit("test")
        var names = try dataset.classNames(of: train.split)
        if let own = base.labels, let found = names, Set(own) == Set(found) { names = own }
        training = try dataset.labeled(train, classNames: names)
        evaluation = try dataset.labeled(evaluate, classNames: names)
        let count = 1 + Int(max(training.labels.max() ?? 0, evaluation.labels.max() ?? 0))
        let own = base.labels.flatMap { $0.count == count ? $0 : nil }
        classes = names ?? own ?? (0..<count).map { "LABEL_\($0)" }
        files = [train.split, evaluate.split].flatMap { split in
            let files = dataset.files(of: split)
            let list = dataset.classList(of: split)
            return files + [list].compactMap(\.self)
        }
        guard classes.count > 1 else {
            throw FinetuneError.tooFewClasses(classes.count, data: task.data.path)
        }
    }

    /// How many of the scored examples are also learned from.
    var seen: Int { evaluation.examples.overlap(with: training.examples).count }
}
