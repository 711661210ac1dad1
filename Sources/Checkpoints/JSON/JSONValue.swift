/// A JSON value whose objects keep the order of their keys.
///
/// For small files: a reader of many entries works on `JSONReader` itself.
enum JSONValue: Sendable, Equatable {
    struct Member: Sendable, Equatable {
        let key: String
        let value: JSONValue
    }

    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// Parses a whole document.
    init(parsing bytes: [UInt8]) throws(JSONFault) {
        var reader = JSONReader(bytes)
        self = try reader.value()
        try reader.end()
    }

    /// The value of a key, if this is an object that has it.
    subscript(key: String) -> JSONValue? {
        if case .object(let members) = self { members.first { $0.key == key }?.value } else { nil }
    }
}

extension JSONReader {
    /// Reads a value of any kind.
    mutating func value() throws(JSONFault) -> JSONValue {
        switch next {
        case UInt8(ascii: "{"):
            var members: [JSONValue.Member] = []
            try object { (reader, key) throws(JSONFault) in
                members.append(.init(key: key, value: try reader.value()))
            }
            return .object(members)
        case UInt8(ascii: "["):
            var elements: [JSONValue] = []
            try array { (reader) throws(JSONFault) in elements.append(try reader.value()) }
            return .array(elements)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return .number(Double(try number()) ?? .infinity)
        default:
            let word = try word()
            return word == "null" ? .null : .bool(word == "true")
        }
    }
}
