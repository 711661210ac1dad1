internal import Checkpoints

/// Why a task vector cannot be taken, read or used.
public enum TaskVectorError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A file holds something else than a task vector.
    case notAVector(file: String, kind: String?)
    /// A file that should hold a task vector does not fit together.
    case damaged(file: String, reason: String)
    /// The vector was taken from another base.
    case otherBase(file: String, base: String, expected: String, other: String, found: String)
    /// What should be the base is an adapter, or a task vector.
    case noWholeBase(String)
    /// A file stands where only a model can.
    case notAModel(String)
    /// A vector was to be used without a base.
    case withoutBase(file: String)
    /// The expert is the base, so there is nothing to store.
    case nothingChanged(base: String, expert: String)

    /// One sentence: what is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .notAVector(let file, let kind):
            "\(file) holds no task vector"
                + (kind.map { ", but \($0)" } ?? "")
                + "; make one with merganser vector extract, or name a model's directory."
        case .damaged(let file, let reason):
            "\(file) is no sound task vector: \(reason); extract it again."
        case .otherBase(let file, let base, let expected, let other, let found):
            "\(file) was taken from another base than \(other): from \(base), with the weights "
                + "\(expected.prefix(12)), but these are \(found.prefix(12)); use it beside that "
                + "base."
        case .noWholeBase(let model):
            "\(model) is no whole model, so that nothing can be added to it; name the model that "
                + "it was trained on."
        case .notAModel(let file):
            "\(file) is a file where the directory of a model was expected; task vectors can be merged "
                + "by rule, but not learned from, evaluated or be a base: name the model."
        case .withoutBase(let file):
            "\(file) is a task vector, which is nothing without its base; name that as base_model."
        case .nothingChanged(let base, let expert):
            "\(expert) has the same weights as \(base), so there is no task vector; check that it "
                + "is the expert."
        }
    }
}
