/// Why statistics cannot be collected, read or merged by.
public enum StatisticsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The gradient by a parameter is that of several examples at once.
    case mixedExamples(parameter: String)
    /// A file has no statistics in it, or not those that were asked for.
    case notStatistics(file: String, reason: String)
    /// Statistics of another kind are needed.
    case kind(file: String, expected: String, found: String)
    /// The statistics were collected from another model.
    case otherModel(file: String, model: String, expected: String, found: String)
    /// The statistics do not fit a parameter.
    case shape(file: String, tensor: String, expected: [Int], found: [Int])
    /// Two files cannot be added up.
    case notAddable(files: [String], reason: String)
    /// A model has no statistics.
    case missing(model: String, method: String, kind: String)
    /// The statistics depend on the merge and cannot come from a file.
    case notBeforehand(model: String, method: String)
    /// A model is not one stack of blocks.
    case severalStacks(model: String, method: String)

    /// One sentence: what is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .mixedExamples(let parameter):
            "The gradients of single examples by \(parameter) cannot be told apart; use inputs of "
                + "the size that the model was made for."
        case .notStatistics(let file, let reason):
            "\(file) holds no statistics: \(reason); make it with merganser statistics."
        case .kind(let file, let expected, let found):
            "\(file) holds \(found), but the merge needs \(expected); collect those."
        case .otherModel(let file, let model, let expected, let found):
            "\(file) was collected from another model than \(model): it names the weights "
                + "\(found.prefix(12)), but these are \(expected.prefix(12)); collect it again."
        case .shape(let file, let tensor, let expected, let found):
            "\(file): \(tensor) has shape \(found), but for this model it must be \(expected); "
                + "check that the statistics belong to it."
        case .notAddable(let files, let reason):
            "\(files.joined(separator: " and ")) cannot be added up: \(reason)."
        case .missing(let model, let method, let kind):
            "\(method) needs \(kind) of \(model): give the recipe a task with its data, or a file "
                + "under statistics beside the model."
        case .notBeforehand(let model, let method):
            "\(method) collects statistics behind merged blocks, so that those of \(model) cannot "
                + "come from a file; take its statistics away and give the recipe its task's data."
        case .severalStacks(let model, let method):
            "\(method) merges one stack of blocks, which \(model) is not; use regmean."
        }
    }
}
