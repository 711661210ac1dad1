/// A JSON value that keeps every key of an object exactly as the file spells it.
///
/// A Swift dictionary takes canonically equivalent strings for one key, so a vocabulary that holds
/// "é" both as one scalar and as two would lose a token on its way through `JSONDecoder`.
enum JSON: Sendable {
    case null
    case boolean(Bool)
    case integer(Int)
    /// A number with a fraction or an exponent, or an integer too large for `Int`.
    case number(Double)
    case string(String)
    case list([JSON])
    case object([(key: String, value: JSON)])
}

extension JSON: CustomStringConvertible {
    /// What an error message says was found.
    var description: String {
        switch self {
        case .null: "null"
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let value): value.quoted
        case .list(let elements): "a list of \(elements.count)"
        case .object(let entries): "an object with \(entries.count) keys"
        }
    }
}

extension String {
    /// The string in quotation marks for a message, cut after 40 scalars, controls escaped.
    var quoted: String {
        var result = "\""
        for scalar in unicodeScalars.prefix(40) {
            result += scalar.escaped(asASCII: false)
        }
        if unicodeScalars.count > 40 { result += "…" }
        return result + "\""
    }
}
