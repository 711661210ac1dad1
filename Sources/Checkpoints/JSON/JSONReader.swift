/// Reads JSON strictly, piece by piece, from an untrusted source.
///
/// Nesting is bounded, duplicate keys are refused, and nothing but what the caller keeps is
/// allocated: a header of many megabytes needs no tree. Positions in faults are byte offsets.
struct JSONReader {
    static let depthLimit = 32

    private(set) var position = 0
    private var depth = 0
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Reads an object, calling `member` with each key to read its value.
    mutating func object(
        _ member: (inout JSONReader, String) throws(JSONFault) -> Void
    ) throws(JSONFault) {
        try open(UInt8(ascii: "{"), "an object")
        // Equality of strings is canonical equivalence: two spellings of one accented name are
        // also refused, which is as well in a namespace of parameters.
        var keys: Set<String> = []
        while try !closes(UInt8(ascii: "}"), isFirst: keys.isEmpty) {
            let key = try string("a key")
            guard keys.insert(key).inserted else { throw .duplicateKey(key) }
            try take(UInt8(ascii: ":"), "“:”")
            let level = depth
            do throws(JSONFault) {
                try member(&self, key)
            } catch {
                // The outer keys are enough to find the place.
                throw level <= 3 ? .inside(key: key, error) : error
            }
        }
    }

    /// Reads an array, calling `element` to read each of its values.
    mutating func array(
        _ element: (inout JSONReader) throws(JSONFault) -> Void
    ) throws(JSONFault) {
        try open(UInt8(ascii: "["), "an array")
        var isFirst = true
        while try !closes(UInt8(ascii: "]"), isFirst: isFirst) {
            try element(&self)
            isFirst = false
        }
    }

    /// Reads an integer that is not negative.
    mutating func count() throws(JSONFault) -> Int {
        let start = skipWhitespace()
        guard let first = peek, isDigit(first) else {
            throw unexpected("an integer that is not negative")
        }
        let text = try number()
        guard text.utf8.allSatisfy(isDigit) else {
            position = start
            throw unexpected("an integer that is not negative")
        }
        guard let value = Int(text) else { throw .numberOutOfRange(position: start) }
        return value
    }

    /// Reads the text of a number.
    mutating func number() throws(JSONFault) -> String {
        let start = skipWhitespace()
        if peek == UInt8(ascii: "-") { position += 1 }
        let integer = position
        try digits()
        if bytes[integer] == UInt8(ascii: "0"), position > integer + 1 {
            position = integer + 1
            throw unexpected("a number without leading zeros")
        }
        if peek == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            position += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// Reads a string.
    mutating func string(_ expected: String = "a string") throws(JSONFault) -> String {
        skipWhitespace()
        guard peek == UInt8(ascii: "\"") else { throw unexpected(expected) }
        position += 1
        return try stringBody()
    }

    /// Reads one of the three words of JSON.
    mutating func word() throws(JSONFault) -> String {
        let start = skipWhitespace()
        for word in ["true", "false", "null"] where bytes[start...].starts(with: word.utf8) {
            position += word.utf8.count
            return word
        }
        throw unexpected("a value")
    }

    /// Reads a value and forgets it.
    mutating func skip() throws(JSONFault) {
        switch next {
        case UInt8(ascii: "{"):
            try object { (reader, _) throws(JSONFault) in try reader.skip() }
        case UInt8(ascii: "["): try array { (reader) throws(JSONFault) in try reader.skip() }
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): _ = try number()
        default: _ = try word()
        }
    }

    /// Makes sure that nothing but white space follows.
    mutating func end() throws(JSONFault) {
        skipWhitespace()
        if position < bytes.count { throw unexpected("the end") }
    }

    /// The first byte of the next value, or 0 at the end.
    var next: UInt8 {
        mutating get {
            skipWhitespace()
            return peek ?? 0
        }
    }
}

extension JSONReader {
    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func unexpected(_ expected: String) -> JSONFault {
        guard let byte = peek else { return .unexpectedEnd(expected: expected) }
        let found =
            (0x21...0x7e).contains(byte)
            ? "“\(Unicode.Scalar(byte))”" : "byte 0x" + String(byte, radix: 16)
        return .unexpected(expected: expected, found: found, position: position)
    }

    @discardableResult
    private mutating func skipWhitespace() -> Int {
        while let byte = peek, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
            position += 1
        }
        return position
    }

    private mutating func take(_ byte: UInt8, _ expected: String) throws(JSONFault) {
        skipWhitespace()
        guard peek == byte else { throw unexpected(expected) }
        position += 1
    }

    private mutating func open(_ bracket: UInt8, _ expected: String) throws(JSONFault) {
        try take(bracket, expected)
        depth += 1
        if depth > Self.depthLimit {
            throw .tooDeep(limit: Self.depthLimit, position: position - 1)
        }
    }

    /// Whether the bracket closes here; otherwise takes the comma before the next member.
    private mutating func closes(_ bracket: UInt8, isFirst: Bool) throws(JSONFault) -> Bool {
        if next == bracket {
            position += 1
            depth -= 1
            return true
        }
        if !isFirst { try take(UInt8(ascii: ","), "“,” or “\(Unicode.Scalar(bracket))”") }
        return false
    }

    private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private mutating func digits() throws(JSONFault) {
        guard let first = peek, isDigit(first) else { throw unexpected("a digit") }
        while let byte = peek, isDigit(byte) { position += 1 }
    }

    /// The text up to and with the closing quotation mark.
    private mutating func stringBody() throws(JSONFault) -> String {
        let start = position
        var unescaped: [UInt8] = []
        var copied = position
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                let text: String?
                if unescaped.isEmpty {
                    text = String(validating: bytes[copied..<position], as: UTF8.self)
                } else {
                    unescaped += bytes[copied..<position]
                    text = String(validating: unescaped, as: UTF8.self)
                }
                guard let text else { throw .invalidUTF8(position: start) }
                position += 1
                return text
            case UInt8(ascii: "\\"):
                unescaped += bytes[copied..<position]
                unescaped += String(try escape()).utf8
                copied = position
            case 0..<0x20: throw .controlCharacter(position: position)
            default: position += 1
            }
        }
        throw .unexpectedEnd(expected: "“\"”")
    }

    private mutating func escape() throws(JSONFault) -> Unicode.Scalar {
        let start = position
        position += 2
        switch start + 1 < bytes.count ? bytes[start + 1] : 0 {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            var code = UInt32(try hexadecimal(start))
            if (0xd800..<0xdc00).contains(code), bytes[position...].starts(with: "\\u".utf8) {
                position += 2
                let low = UInt32(try hexadecimal(start))
                guard (0xdc00..<0xe000).contains(low) else { throw .invalidEscape(position: start) }
                code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
            }
            // A surrogate that is not one of a pair is no scalar.
            guard let scalar = Unicode.Scalar(code) else { throw .invalidEscape(position: start) }
            return scalar
        default: throw .invalidEscape(position: start)
        }
    }

    private mutating func hexadecimal(_ start: Int) throws(JSONFault) -> UInt16 {
        guard position + 4 <= bytes.count else { throw .unexpectedEnd(expected: "four digits") }
        var code: UInt16 = 0
        for byte in bytes[position..<position + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw .invalidEscape(position: start)
            }
            code = code << 4 | UInt16(digit)
        }
        position += 4
        return code
    }
}
