internal import Checkpoints

extension SplitReference {
    /// Reads `name`, `name[from:to]`, or either bound alone; bounds are integers or percentages.
    ///
    /// - Throws: ``SplitReferenceError`` with the text, and what is wrong with it.
    public init(parsing text: String) throws(SplitReferenceError) {
        let characters = text.unicodeScalars
        let name = characters.prefix { $0 != "[" }
        guard !name.isEmpty else { throw .noName(text) }
        guard name.allSatisfy({ $0 != "]" && !$0.properties.isWhitespace }) else {
            throw .invalidName(text)
        }
        let rest = characters[name.endIndex...]
        guard !rest.isEmpty else {
            self.init(split: text)
            return
        }
        guard rest.last == "]" else { throw .unclosed(text) }
        let bounds = rest.dropFirst().dropLast()
            .split(separator: ":", omittingEmptySubsequences: false)
        guard bounds.count == 2 else { throw .notASlice(text) }
        let start = try Slice.Bound(bounds[0], in: text)
        let end = try Slice.Bound(bounds[1], in: text)
        switch (start, end) {
        case (.index, .percent), (.percent, .index): throw .mixedUnits(text)
        default: self.init(split: String(name), slice: Slice(from: start, to: end))
        }
    }
}

extension SplitReference.Slice.Bound {
    /// A bound as it is written, `nil` where nothing is.
    fileprivate init?(
        _ written: Substring.UnicodeScalarView,
        in reference: String
    ) throws(SplitReferenceError) {
        guard !written.isEmpty else { return nil }
        let isPercent = written.last == "%"
        let text = String(isPercent ? written.dropLast() : written)
        // Python's literals may hold underscores, and so may those of Hugging Face datasets.
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        let isInteger =
            digits.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_") }
            && digits.utf8.first.map { $0 != UInt8(ascii: "_") } == true
        guard isInteger, let value = Int(text.filter { $0 != "_" }) else {
            throw .notABound(reference, bound: String(written))
        }
        guard isPercent else {
            self = .index(value)
            return
        }
        guard (-100...100).contains(value) else {
            throw .percentOutOfRange(reference, percent: value)
        }
        self = .percent(value)
    }
}

/// Why a text is no reference to a split; every case begins with that text.
public enum SplitReferenceError: Error, Hashable, Sendable {
    /// There is no name before the bracket.
    case noName(String)
    /// The name holds white space or a closing bracket.
    case invalidName(String)
    /// The last character is no closing bracket.
    case unclosed(String)
    /// Between the brackets stand no two bounds with a colon between them.
    case notASlice(String)
    /// A bound is no integer and no percentage.
    case notABound(String, bound: String)
    /// A percentage lies beyond 100 in either direction.
    case percentOutOfRange(String, percent: Int)
    /// One bound is a percentage and the other is not.
    case mixedUnits(String)
}

extension SplitReferenceError: CustomStringConvertible {
    /// One sentence with the text, what is wrong with it and what was expected.
    public var description: String {
        switch self {
        case .noName(let text):
            "The split \(quoted(text)) has no name; write it like train or train[:2000]."
        case .invalidName(let text):
            "The split \(quoted(text)) has a space or a bracket in its name; "
                + "write it like train or train[:2000]."
        case .unclosed(let text):
            "The split \(quoted(text)) does not end with “]”; write it like train[:2000]."
        case .notASlice(let text):
            "The split \(quoted(text)) needs one colon between its brackets, as in train[:2000] "
                + "or train[2000:2500]; steps and single examples are not known."
        case .notABound(let text, let bound):
            "The split \(quoted(text)) has the bound \(quoted(bound)), which is neither an integer "
                + "nor a percentage such as 10%."
        case .percentOutOfRange(let text, let percent):
            "The split \(quoted(text)) has the bound \(percent)%; "
                + "percentages go from -100% to 100%."
        case .mixedUnits(let text):
            "The split \(quoted(text)) mixes a percentage with a number of examples; "
                + "write both bounds in one unit."
        }
    }
}
