/// Why a `preprocessor_config.json`, or a picture under it, cannot be used.
public enum ProcessorError: Error, Hashable, Sendable {
    /// The file is not a JSON object.
    case notAnObject(reason: String)
    /// The file names no class, nor does the model's type stand for one.
    case noClass(modelType: String?, known: [String])
    /// The file names a class that is not known.
    case unknownClass(key: String, found: String, known: [String])
    /// A key that must be there is absent.
    case missing(key: String, expected: String)
    /// A key holds something else.
    case unexpected(key: String, expected: String, found: String)
    /// A picture is so long and narrow that resizing its short edge makes too many pixels of it.
    case tooLarge(height: Int, width: Int, limit: Int)
    /// Pictures of one batch end at different sizes.
    case unequalSizes(first: [Int], other: [Int])
}

extension ProcessorError: CustomStringConvertible {
    /// One sentence with the key, what was expected, what was found and what to do.
    public var description: String {
        let file = "preprocessor_config.json"
        return switch self {
        case .notAnObject(let reason):
            "\(file) is not a JSON object (\(reason)); copy it again from the model's page."
        case .noClass(let modelType, let known):
            "\(file) has no image_processor_type, and the model's type "
                + (modelType.map { "\"\($0)\"" } ?? "is not known either")
                + (modelType == nil ? "" : " has no processor that is known")
                + "; add one of \(known.joined(separator: ", "))."
        case .unknownClass(let key, let found, let known):
            "\(file): \(key) is \"\(found)\", which is not supported; known are "
                + "\(known.joined(separator: ", "))."
        case .missing(let key, let expected):
            "\(file) has no \(key): expected \(expected)."
        case .unexpected(let key, let expected, let found):
            "\(file): \(key) should be \(expected), found \(found)."
        case .tooLarge(let height, let width, let limit):
            "The picture would be resized to \(height) rows of \(width) pixels, more than the "
                + "limit of \(limit) pixels; crop it to a less extreme shape."
        case .unequalSizes(let first, let other):
            "Pictures of one batch must have one size, and the processor leaves them at "
                + "\(first) and \(other) (height, width); resize or crop them to one size."
        }
    }
}
