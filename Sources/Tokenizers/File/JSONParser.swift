import FoundationEssentials

/// Reads one JSON document strictly, as RFC 8259 has it.
///
/// The file is untrusted: nesting is bounded, lone surrogates and invalid UTF-8 are refused, and
/// every refusal names the byte where it happened.
struct JSONParser {
    private let file: String
    private let bytes: [UInt8]
    private var position = 0

    private static let maximumDepth = 64

    /// The value a file's bytes hold.
    static func parse(_ data: Data, file: String) throws -> JSON {
        var parser = JSONParser(file: file, bytes: [UInt8](data))
        let value = try parser.value(depth: 0)
        parser.skipWhitespace()
        guard parser.position == parser.bytes.count else {
            throw parser.malformed(expected: "the end of the file")
        }
        return value
    }

    private init(file: String, bytes: [UInt8]) {
        self.file = file
        self.bytes = bytes
    }
}

// MARK: - Values

extension JSONParser {
    private mutating func value(depth: Int) throws -> JSON {
        guard depth < Self.maximumDepth else {
            throw malformed(expected: "at most \(Self.maximumDepth) levels of nesting")
        }
        skipWhitespace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try list(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case let byte?
        where byte == UInt8(ascii: "-")
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte):
            return try number()
        default: throw malformed(expected: "a value")
        }
    }

    private mutating func object(depth: Int) throws -> JSON {
        var entries: [(key: String, value: JSON)] = []
        position += 1
        skipWhitespace()
        if take("}") { return .object([]) }
        repeat {
            skipWhitespace()
            guard next == UInt8(ascii: "\"") else { throw malformed(expected: "a key") }
            let key = try string()
            skipWhitespace()
            guard take(":") else { throw malformed(expected: "a colon") }
            entries.append((key, try value(depth: depth + 1)))
            skipWhitespace()
        } while take(",")
        guard take("}") else { throw malformed(expected: "a comma or a closing brace") }
        return .object(entries)
    }

    private mutating func list(depth: Int) throws -> JSON {
        var elements: [JSON] = []
        position += 1
        skipWhitespace()
        if take("]") { return .list([]) }
        repeat {
            elements.append(try value(depth: depth + 1))
            skipWhitespace()
        } while take(",")
        guard take("]") else { throw malformed(expected: "a comma or a closing bracket") }
        return .list(elements)
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws -> JSON {
        let text = word.description
        guard bytes[position...].starts(with: text.utf8) else {
            throw malformed(expected: text)
        }
        position += text.utf8.count
        return value
    }

    private mutating func number() throws -> JSON {
        let start = position
        var isInteger = true
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") {
            isInteger = false
            try digits()
        }
        if take("e") || take("E") {
            isInteger = false
            if !take("+") { _ = take("-") }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let value = Int(text) { return .integer(value) }
        guard let value = Double(text) else { throw malformed(expected: "a number") }
        return .number(value)
    }

    private mutating func digits() throws {
        let start = position
        while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            position += 1
        }
        guard position > start else { throw malformed(expected: "a digit") }
    }
}

// MARK: - Strings

extension JSONParser {
    private mutating func string() throws -> String {
        position += 1
        var result = ""
        var start = position
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                result += try text(from: start)
                position += 1
                return result
            case UInt8(ascii: "\\"):
                result += try text(from: start)
                position += 1
                result.unicodeScalars.append(try escape())
                start = position
            case 0..<0x20:
                throw malformed(expected: "an escape in place of a control character")
            default:
                position += 1
            }
        }
        throw malformed(expected: "a closing quotation mark")
    }

    private func text(from start: Int) throws -> String {
        guard let text = String(validating: bytes[start..<position], as: UTF8.self) else {
            throw malformed(expected: "valid UTF-8 in the string before this place")
        }
        return text
    }

    /// The scalar of an escape, after its backslash.
    private mutating func escape() throws -> Unicode.Scalar {
        guard let byte = next else { throw malformed(expected: "an escape") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try scalar(first: try hexadecimal())
        default:
            position -= 1
            throw malformed(expected: "a known escape")
        }
    }

    private mutating func scalar(first: UInt32) throws -> Unicode.Scalar {
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, take("\\"), take("u") else {
            throw malformed(expected: "the second half of a surrogate pair")
        }
        let second = try hexadecimal()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw malformed(expected: "the second half of a surrogate pair") }
        return scalar
    }

    private mutating func hexadecimal() throws -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw malformed(expected: "four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}

// MARK: - Bytes

extension JSONParser {
    private var next: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: scalar) else { return false }
        position += 1
        return true
    }

    private mutating func skipWhitespace() {
        while let byte = next, byte == 0x20 || (0x9...0xA).contains(byte) || byte == 0xD {
            position += 1
        }
    }

    private func malformed(expected: String) -> TokenizerError {
        let found = next.map { byte in
            (0x21...0x7E).contains(byte)
                ? "'\(Unicode.Scalar(byte))'" : "byte 0x\(String(byte, radix: 16))"
        }
        return .malformed(
            file: file,
            byte: position,
            expected: expected,
            found: found ?? "the end of the file"
        )
    }
}
