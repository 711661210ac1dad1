internal import Checkpoints
internal import Foundation
public import Tasks

/// Texts to encode, in the order of their file: JSON Lines, CSV, TSV, or one text a line.
public struct TextInputs: Sendable {
    /// The most bytes of a plain text, all of which are in memory while it is read.
    private static let limit = 1 << 32

    /// The texts, each with the second of its pair or `nil`.
    public let texts: [(text: String, pair: String?)]

    /// Texts that are in memory.
    public init(_ texts: [(text: String, pair: String?)]) { self.texts = texts }

    /// Reads the texts of a file.
    ///
    /// - Throws: an error that names the file, and every line of it that is broken.
    public init(_ source: DataSource) throws {
        if Self.isPlainText(source) {
            texts = try Self.lines(of: source.path).map { ($0, nil) }
            return
        }
        texts = try Dataset(source).onlySplit().inputs.map { input in
            guard case .text(let text, let pair) = input else {
                throw InputError.tokens(source.path.path)
            }
            return (text, pair)
        }
    }

    /// Whether a source is a file without fields, whose lines are the texts.
    static func isPlainText(_ source: DataSource) -> Bool {
        source.format.map { $0 == "text" } ?? (source.path.pathExtension.lowercased() == "txt")
    }

    /// The lines of a plain text, empty ones among them: line and text keep the same number.
    static func lines(of file: URL) throws -> [String] {
        var bytes = try contents(of: file, limit: limit)[...]
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        guard !bytes.isEmpty else { throw InputError.empty(file.path) }
        var broken: [Int] = []
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .enumerated().map { number, line in
                let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
                guard let text = String(validating: line, as: UTF8.self) else {
                    broken.append(number + 1)
                    return ""
                }
                return text
            }
        guard broken.isEmpty else { throw InputError.notUTF8(file.path, lines: broken) }
        return lines
    }
}
