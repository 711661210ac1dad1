/// A file that another file of a model names and that is not there.
public enum CompanionFault: Sendable, Equatable {
    case notJSON(file: String)
    case noVocabulary(tokenizer: String?, file: String, expected: [String])
    case noPartner(file: String, missing: String)
    case noModule(file: String, missing: String)
    case unsafeFolder(file: String, folder: String)
}

extension CompanionFault {
    /// What helps besides the missing file.
    var remedy: String {
        switch self {
        case .notJSON("modules.json"), .noModule, .unsafeFolder: "correct modules.json"
        case .notJSON, .noVocabulary, .noPartner:
            "leave the tokenizer out with --no-copy-tokenizer"
        }
    }
}

extension CompanionFault: CustomStringConvertible {
    /// A part of the sentence of a `CheckpointError`.
    public var description: String {
        switch self {
        case .notJSON(let file): "\(file) is not the JSON that it should be"
        case .noVocabulary(let tokenizer, let file, let expected):
            "\(file) is of \(tokenizer.map(quoted) ?? "a tokenizer"), whose vocabulary, "
                + "\(expected.joined(separator: " or ")), is missing"
        case .noPartner(let file, let missing): "\(file) needs \(missing), which is missing"
        case .noModule(let file, let missing): "\(file) needs \(quoted(missing)), which is missing"
        case .unsafeFolder(let file, let folder):
            "\(file) names the folder \(quoted(folder)), which leaves the directory or lies deeper"
        }
    }
}
