/// Rewrites a regular expression from the syntax of Oniguruma, which the reference uses, to PCRE2's.
///
/// The two agree on most of what tokenizers use, but not on what letters and white space are, on
/// `\h`, `\v` or `a{2}+`. So the pattern is read as Oniguruma reads it and written with signs that
/// leave PCRE2 no choice. What cannot be written so, such as a reference to a group or `[a&&b]`, is
/// refused, and with it everything by which a pattern could call for more than a search.
struct PatternTranslator {
    /// Why a pattern is not translated, at the scalar where that shows.
    struct Refusal: Error {
        let position: Int
        let reason: String
    }

    private let scalars: [Unicode.Scalar]
    private let libraryVersion: Unicode.Version
    private var position = 0

    private static let maximumDepth = 64

    /// The pattern as PCRE2 is to read it, whatever version of Unicode that was built with.
    ///
    /// - Throws: ``Refusal``.
    static func translation(of pattern: String) throws -> String {
        try translation(of: pattern, libraryVersion: CompiledPattern.unicodeVersion)
    }

    static func translation(
        of pattern: String,
        libraryVersion: Unicode.Version
    ) throws -> String {
        var translator = PatternTranslator(
            scalars: Array(pattern.unicodeScalars),
            libraryVersion: libraryVersion
        )
        let result = try translator.alternatives(isCaseless: false, depth: 0)
        guard translator.next == nil else { throw translator.refusal("an unpaired parenthesis") }
        return result
    }

    /// The pattern that matches a text scalar by scalar.
    static func literal(_ text: String) -> String {
        text.unicodeScalars.map(Self.literal).joined()
    }

    private init(scalars: [Unicode.Scalar], libraryVersion: Unicode.Version) {
        self.scalars = scalars
        self.libraryVersion = libraryVersion
    }

    private static func literal(_ scalar: Unicode.Scalar) -> String {
        "\\x{\(String(scalar.value, radix: 16))}"
    }
}

// MARK: - Alternatives and repetition

extension PatternTranslator {
    private mutating func alternatives(isCaseless: Bool, depth: Int) throws -> String {
        guard depth < Self.maximumDepth else { throw refusal("too many groups in each other") }
        var result = ""
        var previous: Unicode.Scalar?
        while let scalar = next, scalar != ")" {
            if take("|") {
                result += "|"
                previous = nil
                continue
            }
            let start = position
            let atom = try atom(isCaseless: isCaseless, depth: depth)
            if isCaseless { try checkCase(of: atom, after: previous, at: start) }
            if case .literal(let scalar) = atom { previous = scalar } else { previous = nil }
            result += try repeated(atom)
        }
        return result
    }

    /// What can be repeated.
    private enum Atom {
        case literal(Unicode.Scalar)
        case set(String)
        case namedSet(String)
        case group(String)
        /// What matches a place and no text.
        case place(String)

        var text: String {
            switch self {
            case .literal(let scalar): PatternTranslator.literal(scalar)
            case .set(let text), .namedSet(let text), .group(let text), .place(let text): text
            }
        }
    }

    /// An atom with the quantifier after it.
    private mutating func repeated(_ atom: Atom) throws -> String {
        let start = position
        var result = atom.text
        switch next {
        case "*", "+", "?":
            result.unicodeScalars.append(scalars[position])
            position += 1
            if take("?") {
                result += "?"
            } else if take("+") {
                result += "+"
            }
        case "{":
            let (interval, isExact) = try interval()
            result += interval
            if take("+") {
                // Not possessive in Oniguruma: any number of times that many.
                result = "(?:\(result))+"
            } else if take("?") {
                // Nor this lazy where the number is exact: there it means "or not at all".
                result = isExact ? "(?:\(result))?" : "\(result)?"
            }
        default: return result
        }
        if case .place = atom { throw refusal("a repeated assertion", at: start) }
        if let next, "*+?{".unicodeScalars.contains(next) {
            throw refusal("a repetition of a repetition")
        }
        return result
    }

    /// Reads `{2}`, `{2,}`, `{,3}` or `{2,3}`.
    private mutating func interval() throws -> (text: String, isExact: Bool) {
        let start = position
        position += 1
        let lower = integer()
        let hasComma = take(",")
        let upper = hasComma ? integer() : lower
        guard take("}"), lower != nil || upper != nil else {
            throw refusal("a brace that is neither escaped nor part of {1,2}", at: start)
        }
        // PCRE2 has this limit, and reads no interval without a lower bound.
        guard max(lower ?? 0, upper ?? 0) <= 65535, lower ?? 0 <= upper ?? .max else {
            throw refusal("an interval out of 0 to 65535 or out of order", at: start)
        }
        guard hasComma else { return ("{\(lower ?? 0)}", true) }
        return ("{\(lower ?? 0),\(upper.map(String.init) ?? "")}", false)
    }

    private mutating func integer() -> Int? {
        let start = position
        while let scalar = next, ("0"..."9").contains(scalar) { position += 1 }
        let digits = String(Array(scalars[start..<position]))
        return digits.isEmpty ? nil : Int(digits) ?? .max
    }

    /// Refuses what, case aside, has another length in Oniguruma: there, `ss` matches "ß".
    private func checkCase(
        of atom: Atom,
        after previous: Unicode.Scalar?,
        at start: Int
    ) throws {
        switch atom {
        case .literal(let scalar):
            guard scalar.isASCII else { throw refusal("a letter beyond ASCII in (?i:", at: start) }
            if let previous {
                let pair = String([previous, scalar]).lowercased()
                if ["ff", "fi", "fl", "ss", "st"].contains(pair) {
                    throw refusal("\(pair) in (?i:, which can be one character", at: start)
                }
            }
        case .namedSet: throw refusal("a class in (?i:", at: start)
        case .set, .group, .place: break
        }
    }
}

// MARK: - Atoms

extension PatternTranslator {
    private mutating func atom(isCaseless: Bool, depth: Int) throws -> Atom {
        let start = position
        guard let scalar = next else { throw refusal("nothing") }
        position += 1
        switch scalar {
        case "(": return try group(isCaseless: isCaseless, depth: depth)
        case "[": return try characterClass()
        case ".": return .set("[^\\x{a}]")
        case "^": return .place("(?:\\A|(?<=\\x{a})(?!\\z))")
        case "$": return .place("(?=\\x{a}|\\z)")
        case "\\":
            switch try escape() {
            case .literal(let scalar): return .literal(scalar)
            case .place(let text): return .place(text)
            case .set(let named, let isNegated):
                return .namedSet("[\(isNegated ? "^" : "")\(contents(of: named))]")
            }
        case "*", "+", "?", "{":
            throw refusal("\(scalar) with nothing before it to repeat", at: start)
        default: return .literal(scalar)
        }
    }

    private static let groups = [
        "?:": false, "?i:": false, "?>": false, "?=": true, "?!": true, "?<=": true, "?<!": true,
    ]

    /// A group after its parenthesis; what it captures is of no use to a tokenizer.
    private mutating func group(isCaseless: Bool, depth: Int) throws -> Atom {
        let start = position
        let group = Self.groups.first { opening, _ in
            scalars[start...].starts(with: opening.unicodeScalars)
        }
        if next == "?", group == nil {
            throw refusal("a group that is none of ( (?: (?i: (?> (?= (?! (?<= (?<!")
        }
        let opening = group?.key ?? ""
        position += opening.unicodeScalars.count
        let content = try alternatives(
            isCaseless: isCaseless || opening == "?i:",
            depth: depth + 1
        )
        guard take(")") else { throw refusal("an unpaired parenthesis", at: start - 1) }
        let text = "(\(opening.isEmpty ? "?:" : opening)\(content))"
        return group?.value == true ? .place(text) : .group(text)
    }

    /// What a backslash and what follows it mean.
    private enum Escape {
        case literal(Unicode.Scalar)
        case set(ScalarClass, isNegated: Bool)
        case place(String)
    }

    private static let controls: [Unicode.Scalar: Unicode.Scalar] = [
        "t": "\t", "n": "\n", "r": "\r", "f": "\u{C}", "v": "\u{B}", "a": "\u{7}", "e": "\u{1B}",
    ]

    private mutating func escape() throws -> Escape {
        let start = position - 1
        guard let scalar = next else { throw refusal("a backslash at the end", at: start) }
        position += 1
        if let control = Self.controls[scalar] { return .literal(control) }
        switch scalar {
        case "s", "S": return .set(.whitespace, isNegated: scalar == "S")
        case "d", "D": return .set(.digit, isNegated: scalar == "D")
        case "w", "W": return .set(.word, isNegated: scalar == "W")
        case "A", "z": return .place("\\\(scalar)")
        case "p", "P": return try property(isNegated: scalar == "P", start: start)
        case "x", "u": return .literal(try hexadecimal(after: scalar, start: start))
        default:
            guard scalar.isASCII, !scalar.properties.isAlphabetic, !("0"..."9").contains(scalar)
            else { throw refusal("\\\(scalar)", at: start) }
            return .literal(scalar)
        }
    }

    /// The class of `\p{L}`, after the p.
    private mutating func property(isNegated: Bool, start: Int) throws -> Escape {
        guard take("{") else { throw refusal("a property without braces", at: start) }
        let isInverse = take("^")
        guard let end = scalars[position...].firstIndex(of: "}") else {
            throw refusal("a property without a closing brace", at: start)
        }
        let name = String(Array(scalars[position..<end]))
        guard let named = ScalarClass(property: name) else {
            throw refusal("\(name.quoted) in place of a category such as L or Nd", at: start)
        }
        position = end + 1
        return .set(named, isNegated: isNegated != isInverse)
    }

    /// The scalar of `\x41`, `\x{1F986}` or `\u00e9`, after the letter.
    private mutating func hexadecimal(
        after letter: Unicode.Scalar,
        start: Int
    ) throws -> Unicode.Scalar {
        let isBraced = letter == "x" && take("{")
        let count = isBraced ? 8 : letter == "u" ? 4 : 2
        let digits = scalars[position...].prefix(count).prefix { $0.properties.isASCIIHexDigit }
        position += digits.count
        guard isBraced ? take("}") && !digits.isEmpty : digits.count == count,
            let value = UInt32(String(Array(digits)), radix: 16),
            let scalar = Unicode.Scalar(value),
            // Two digits are a byte to Oniguruma, and only below this a character.
            letter == "u" || isBraced || scalar.isASCII
        else { throw refusal("\\\(letter) that is no character", at: start) }
        return scalar
    }
}

// MARK: - Classes

extension PatternTranslator {
    /// A class after its bracket.
    private mutating func characterClass() throws -> Atom {
        let start = position - 1
        var contents = ""
        var hasNames = false
        let isNegated = take("^")
        let first = position
        if next == "]" { throw refusal("a class that begins with its end", at: start) }
        while !take("]") {
            guard let scalar = next else { throw refusal("a class without an end", at: start) }
            switch try element(isFirst: position == first) {
            case .literal(let lower):
                guard next == "-", position + 1 < scalars.count, scalars[position + 1] != "]"
                else {
                    contents += Self.literal(lower)
                    hasNames = hasNames || !scalar.isASCII
                    continue
                }
                position += 1
                guard case .literal(let upper) = try element(isFirst: false), lower <= upper else {
                    throw refusal("a range that does not ascend from character to character")
                }
                contents += "\(Self.literal(lower))-\(Self.literal(upper))"
                hasNames = hasNames || !upper.isASCII
            case .set(var named, let isNegated):
                if named == .word { named = .bracketedWord }
                if next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" {
                    throw refusal("a range from a class")
                }
                contents +=
                    isNegated ? text(of: named.ranges(isNegated: true)) : self.contents(of: named)
                hasNames = true
            case .place: throw refusal("an assertion in a class")
            }
        }
        let text = "[\(isNegated ? "^" : "")\(contents)]"
        return hasNames ? .namedSet(text) : .set(text)
    }

    private mutating func element(isFirst: Bool) throws -> Escape {
        guard let scalar = next else { throw refusal("a class without an end") }
        position += 1
        switch scalar {
        case "\\": return try escape()
        case "[": throw refusal("a class in a class", at: position - 1)
        case "&" where next == "&": throw refusal("&& in a class", at: position - 1)
        case "-" where !isFirst && next != "]":
            throw refusal("a hyphen that is neither a range nor escaped", at: position - 1)
        default: return .literal(scalar)
        }
    }

    /// What stands for a class between brackets.
    private func contents(of named: ScalarClass) -> String {
        // Categories of one letter lose no scalar from version to version, so the library's own,
        // which are fast, only need what they do not know yet. All others are spelled out.
        guard case .category(let name) = named, ["L", "M", "N", "P", "S", "Z"].contains(name),
            libraryVersion <= ScalarRun.version
        else { return text(of: named.ranges()) }
        return "\\p{\(name)}" + text(of: named.ranges(after: libraryVersion))
    }

    private func text(of ranges: [ClosedRange<UInt32>]) -> String {
        ranges.map { range in
            let (lower, upper) = (String(range.lowerBound, radix: 16), range.upperBound)
            return "\\x{\(lower)}-\\x{\(String(upper, radix: 16))}"
        }.joined()
    }
}

// MARK: - Scalars

extension PatternTranslator {
    private var next: Unicode.Scalar? {
        position < scalars.count ? scalars[position] : nil
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    private func refusal(_ reason: String, at position: Int? = nil) -> Refusal {
        Refusal(position: position ?? self.position, reason: reason)
    }
}
