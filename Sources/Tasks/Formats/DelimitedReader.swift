/// Reads rows of fields between separators: RFC 4180, with any separator.
///
/// Strict: a quotation mark stands around a field or doubled inside it and nowhere else. Lines end
/// with LF or CRLF, also inside quotation marks; blank lines are no rows.
struct DelimitedReader {
    /// A row: the line where it begins, counted from 1, and the bytes of its fields.
    struct Row {
        let line: Int
        let fields: [Range<Int>]
    }

    private let bytes: [UInt8]
    private let separator: UInt8
    private let isQuoted: Bool
    private var position: Int
    private var line = 1

    /// A reader of a file; without quoting, quotation marks are characters like others.
    init(_ file: TextFile, separator: UInt8, isQuoted: Bool) {
        bytes = file.bytes
        position = file.start
        self.separator = separator
        self.isQuoted = isQuoted
    }

    /// The next row, `nil` at the end; after an error, reading goes on with the next line.
    mutating func next() throws(LineFault) -> Row? {
        while position < bytes.count {
            let start = (position: position, line: line)
            var fields: [Range<Int>] = []
            repeat {
                let fieldLine = line
                do throws(LineProblem) {
                    fields.append(try field(since: start.position))
                } catch {
                    skipLine()
                    throw LineFault(line: fieldLine, problem: error)
                }
            } while take(separator)
            takeLineEnd()
            // Two bytes are the quotation marks of a field that is empty on purpose.
            if fields != [start.position..<start.position] {
                return Row(line: start.line, fields: fields)
            }
        }
        return nil
    }

    /// The text of a field without its quotation marks.
    func text(_ field: Range<Int>) throws(LineProblem) -> String {
        var content = bytes[field]
        if isQuoted, content.first == .quote {
            content = content.dropFirst().dropLast()
            if content.contains(.quote) { content = undoubled(content)[...] }
        }
        guard let text = String(validating: content, as: UTF8.self) else { throw .notUTF8 }
        return text
    }
}

// MARK: - Bytes

extension DelimitedReader {
    /// The bytes of the field that begins here, ending before a separator or the end of a line.
    private mutating func field(since rowStart: Int) throws(LineProblem) -> Range<Int> {
        let start = position
        if isQuoted, next(is: .quote) { try skipQuoted(since: rowStart) }
        let isEnclosed = position > start
        while position < bytes.count, !isAtEnd {
            switch bytes[position] {
            case .quote where isQuoted: throw .strayQuote
            case 0: throw .zeroByte
            default: if isEnclosed { throw .strayQuote }
            }
            position += 1
            try limit(since: rowStart)
        }
        return start..<position
    }

    /// Goes behind the closing quotation mark of the field whose opening one is here.
    private mutating func skipQuoted(since rowStart: Int) throws(LineProblem) {
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case .quote: if !take(.quote) { return }
            case .lineFeed: line += 1
            case 0: throw .zeroByte
            default: break
            }
            try limit(since: rowStart)
        }
        throw .unclosedQuote
    }

    private func limit(since rowStart: Int) throws(LineProblem) {
        if position - rowStart > TextFile.recordLimit {
            throw .tooLong(limit: TextFile.recordLimit)
        }
    }

    /// Whether a separator, or the end of a line, is here.
    private var isAtEnd: Bool {
        switch bytes[position] {
        case separator, .lineFeed: true
        case .carriageReturn:
            position + 1 == bytes.count || bytes[position + 1] == .lineFeed
        default: false
        }
    }

    private func next(is byte: UInt8) -> Bool { position < bytes.count && bytes[position] == byte }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next(is: byte) else { return false }
        position += 1
        return true
    }

    private mutating func takeLineEnd() {
        _ = take(.carriageReturn)
        if take(.lineFeed) { line += 1 }
    }

    private mutating func skipLine() {
        while position < bytes.count, bytes[position] != .lineFeed { position += 1 }
        if take(.lineFeed) { line += 1 }
    }

    private func undoubled(_ content: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var isSecond = false
        for byte in content {
            isSecond = byte == .quote && !isSecond
            // Of two quotation marks the first is kept.
            if byte != .quote || isSecond { result.append(byte) }
        }
        return result
    }
}

extension UInt8 {
    fileprivate static let quote = UInt8(ascii: "\"")
    fileprivate static let lineFeed = UInt8(ascii: "\n")
    fileprivate static let carriageReturn = UInt8(ascii: "\r")
}
