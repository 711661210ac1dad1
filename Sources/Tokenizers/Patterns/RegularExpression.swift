/// What a text is searched for: a string, or a regular expression as Oniguruma understands it.
///
/// A pattern of a file is untrusted. One that takes far more steps or memory than a tokenizer needs
/// ends in an error.
struct RegularExpression: Sendable {
    private let pattern: CompiledPattern
    private let file: String
    private let key: String

    /// Compiles a regular expression that the program itself uses.
    init(_ expression: String) throws {
        try self.init(
            Configuration(file: "tokenizer", path: "pattern", value: .string(expression)),
            translation: PatternTranslator.translation
        )
    }

    /// Compiles `{"String": "…"}` or `{"Regex": "…"}`.
    init(_ configuration: Configuration) throws {
        if let string = try configuration.optional("String") {
            try self.init(string, translation: PatternTranslator.literal)
        } else if let expression = try configuration.optional("Regex") {
            try self.init(expression, translation: PatternTranslator.translation)
        } else {
            throw configuration.unexpected(expected: "a String or a Regex")
        }
    }

    private init(
        _ configuration: Configuration,
        translation: (String) throws -> String
    ) throws {
        (file, key) = (configuration.file, configuration.path)
        let text = try configuration.string()
        do {
            pattern = try CompiledPattern(try translation(text))
        } catch let refusal as PatternTranslator.Refusal {
            throw TokenizerError.unsupportedPattern(
                file: file,
                key: key,
                character: refusal.position,
                reason: refusal.reason
            )
        }
    }
}

// MARK: - Searching

extension RegularExpression {
    /// Searches texts one by one and hands each with what matches in it to a closure.
    func search(
        _ pieces: [Piece],
        _ replace: (
            _ text: Substring, _ stretches: [SplitBehavior.Stretch], _ pieces: inout [Piece]
        ) -> Void
    ) throws -> [Piece] {
        let search = PatternSearch(pattern)
        return try pieces.replacingTexts { text, pieces in
            replace(text, try stretches(of: text, search), &pieces)
        }
    }

    /// The stretches of a text that match, and those between them, in their order.
    func stretches(of text: Substring) throws -> [SplitBehavior.Stretch] {
        try stretches(of: text, PatternSearch(pattern))
    }

    /// Finds what matches from left to right.
    ///
    /// As in the reference, nothing matches in an empty text, and an empty match counts unless it
    /// follows directly on another match.
    private func stretches(
        of text: Substring,
        _ search: PatternSearch
    ) throws -> [SplitBehavior.Stretch] {
        let utf8 = text.utf8
        let bytes = utf8.span
        var result: [SplitBehavior.Stretch] = []
        var (covered, position) = (text.startIndex, 0)
        var lastEnd: Int?
        while position <= bytes.count, !bytes.isEmpty {
            let match: Range<Int>?
            do throws(PatternSearch.Failure) {
                match = try search.firstMatch(in: bytes, from: position)
            } catch {
                throw TokenizerError.failedPattern(
                    file: file,
                    key: key,
                    bytes: bytes.count,
                    reason: error.reason
                )
            }
            guard let match else { break }
            position = match.upperBound
            if match.isEmpty, match.lowerBound == lastEnd {
                position += position < bytes.count ? Self.length(of: bytes[position]) : 1
                continue
            }
            lastEnd = match.upperBound
            let start = utf8.index(text.startIndex, offsetBy: match.lowerBound)
            let end = utf8.index(start, offsetBy: match.count)
            if covered < start { result.append(.init(range: covered..<start, isDelimiter: false)) }
            result.append(.init(range: start..<end, isDelimiter: true))
            covered = end
        }
        if covered < text.endIndex {
            result.append(.init(range: covered..<text.endIndex, isDelimiter: false))
        }
        return result
    }

    /// The number of bytes of a scalar, by its first.
    private static func length(of byte: UInt8) -> Int {
        byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
    }
}
