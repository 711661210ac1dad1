internal import Checkpoints

/// What can be wrong with one record of a file of examples.
public enum LineProblem: Error, Hashable, Sendable {
    /// Bytes that are not UTF-8.
    case notUTF8
    /// A zero byte, which texts do not hold.
    case zeroByte
    /// More bytes than any example has.
    case tooLong(limit: Int)

    /// Something other than JSON; this is how it begins.
    case notJSON(String)
    /// JSON, but no object.
    case notAnObject(found: String)
    /// A JSON object without a field.
    case noField(String, found: [String])
    /// A field that is no text.
    case notAText(field: String, found: String)

    /// A quotation mark inside a field that does not begin with one, or text after the closing one.
    case strayQuote
    /// A field whose quotation mark is never closed.
    case unclosedQuote
    /// Another number of fields than the header has.
    case fieldCount(expected: Int, found: Int)

    /// No label, in a file that has some.
    case noLabel(field: String)
    /// Neither an integer nor a name.
    case notALabel(found: String)
    /// A name that no class has.
    case unknownClass(String, known: [String]?)
    /// An integer beyond the classes.
    case labelOutOfRange(Int, count: Int?)

    /// A text without any token.
    case noTokens
    /// More tokens than the model reads.
    case tooManyTokens(Int, limit: Int)
    /// A number in a tensor of token ids, masks or segments that it cannot hold.
    case outOfRange(tensor: String, value: Int, limit: Int)
}

extension LineProblem: CustomStringConvertible {
    /// What was expected and what was found, to stand behind the number of a line.
    public var description: String {
        switch self {
        case .notUTF8: "expected UTF-8, found other bytes"
        case .zeroByte: "expected text, found a zero byte"
        case .tooLong(let limit): "expected at most \(limit) bytes, found more"

        case .notJSON(let line): "expected a JSON object, found \(quoted(line))"
        case .notAnObject(let found): "expected a JSON object, found \(found)"
        case .noField(let field, let found):
            "expected the field \(quoted(field)), found "
                + (found.isEmpty ? "none" : listed(found.map(quoted), limit: 5))
        case .notAText(let field, let found):
            "expected a text in the field \(quoted(field)), found \(found)"

        case .strayQuote:
            "expected a quotation mark only around a field, or doubled inside it, "
                + "found one elsewhere"
        case .unclosedQuote:
            "expected a closing quotation mark, found the end of the file"
        case .fieldCount(let expected, let found):
            "expected \(expected) fields as in the header, found \(found)"

        case .noLabel(let field): "expected a label in the field \(quoted(field)), found none"
        case .notALabel(let found): "expected an integer or a name as label, found \(found)"
        case .unknownClass(let name, nil):
            "expected an integer as label, as neither the model nor a labels.json names classes, "
                + "found \(quoted(name))"
        case .unknownClass(let name, let known?):
            "expected one of the classes \(listed(known.map(quoted), limit: 5)), "
                + "found \(quoted(name))"
        case .labelOutOfRange(let index, let count):
            "expected a label from 0 to \((count ?? Int(Int32.max)) - 1), found \(index)"

        case .noTokens: "expected a token, found none"
        case .tooManyTokens(let count, let limit):
            "expected at most \(limit) tokens, found \(count)"
        case .outOfRange(let tensor, let value, let limit):
            "expected numbers from 0 to \(limit - 1) in \(tensor), found \(value)"
        }
    }
}
