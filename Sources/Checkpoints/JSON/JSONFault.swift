/// What is wrong with a piece of JSON, and where.
public indirect enum JSONFault: Error, Sendable, Equatable {
    case unexpected(expected: String, found: String, position: Int)
    case unexpectedEnd(expected: String)
    case invalidUTF8(position: Int)
    case invalidEscape(position: Int)
    case controlCharacter(position: Int)
    case tooDeep(limit: Int, position: Int)
    case numberOutOfRange(position: Int)
    case duplicateKey(String)
    /// A fault inside the value of a key.
    case inside(key: String, JSONFault)
}

extension JSONFault: CustomStringConvertible {
    /// A part of the sentence of a `CheckpointError`.
    public var description: String {
        switch self {
        case .unexpected(let expected, let found, let position):
            "byte \(position) holds \(found) where \(expected) was expected"
        case .unexpectedEnd(let expected): "it ends where \(expected) was expected"
        case .invalidUTF8(let position): "the text at byte \(position) is not valid UTF-8"
        case .invalidEscape(let position): "byte \(position) begins an invalid escape"
        case .controlCharacter(let position):
            "byte \(position) is a control character inside a string"
        case .tooDeep(let limit, let position):
            "byte \(position) nests deeper than \(limit) levels"
        case .numberOutOfRange(let position): "the number at byte \(position) is too large"
        case .duplicateKey(let key): "the key \(quoted(key)) occurs twice"
        case .inside(let key, let fault): "in \(quoted(key)), \(fault)"
        }
    }
}
