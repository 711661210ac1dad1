/// Why a file of inputs cannot be used.
public enum InputError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A directory holds several files of data.
    case severalSplits(path: String, splits: [String])
    /// Texts were expected and the file holds token ids.
    case tokens(String)
    /// A plain text has no lines.
    case empty(String)
    /// Lines of a plain text are not UTF-8.
    case notUTF8(String, lines: [Int])
    /// A model's `preprocessor_config.json` cannot be used.
    case imageProcessor(String, reason: String)
    /// Lines of a plain text give no tokens.
    case noTokens(String, lines: [Int])

    /// One sentence: what is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .severalSplits(let path, let splits):
            "\(path) holds several files of data (\(splits.joined(separator: ", "))); name one of "
                + "them."
        case .tokens(let path):
            "\(path) holds token ids, which need no encoding; give texts as JSON Lines, CSV, TSV "
                + "or plain text."
        case .empty(let path): "\(path) holds no texts; check that it was written in full."
        case .notUTF8(let path, let lines):
            "\(path) should be UTF-8 and is not in \(Self.listed(lines)); convert it."
        case .imageProcessor(let path, let reason): "\(path): \(reason)"
        case .noTokens(let path, let lines):
            "\(path) has no token to read in \(Self.listed(lines)); remove what is empty."
        }
    }

    private static func listed(_ lines: [Int]) -> String {
        let shown = lines.prefix(20).map(String.init).joined(separator: ", ")
        let more = lines.count > 20 ? " and \(lines.count - 20) more" : ""
        return (lines.count == 1 ? "line " : "lines ") + shown + more
    }
}
