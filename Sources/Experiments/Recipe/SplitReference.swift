/// A part of a data set, as Hugging Face datasets write it: `train`, `train[:2000]`, `test[-10%:]`.
public struct SplitReference: Hashable, Sendable {
    /// An end of a part, counted from the end of the split where it is negative.
    public enum Bound: Hashable, Sendable {
        /// A number of examples.
        case example(Int)
        /// A percentage of the split, from -100 to 100.
        case percent(Int)
    }

    /// The split.
    public var name: String
    /// Where the part begins; `nil` is the beginning of the split.
    public var lower: Bound?
    /// Where the part ends, itself left out; `nil` is the end of the split.
    public var upper: Bound?

    /// A part of a split, or all of it.
    public init(name: String, from lower: Bound? = nil, to upper: Bound? = nil) {
        self.name = name
        self.lower = lower
        self.upper = upper
    }

    /// The examples of the part, in a split of `count`; empty where the bounds cross.
    ///
    /// Percentages are rounded to the nearest example, halves to the even one.
    public func range(ofCount count: Int) -> Range<Int> {
        let start = lower.map { $0.offset(in: count) } ?? 0
        let end = upper.map { $0.offset(in: count) } ?? count
        return start..<max(start, end)
    }
}

extension SplitReference.Bound {
    fileprivate func offset(in count: Int) -> Int {
        let offset =
            switch self {
            case .example(let offset): offset
            case .percent(let percent):
                Int((Double(percent) * Double(count) / 100).rounded(.toNearestOrEven))
            }
        return min(max(offset < 0 ? offset + count : offset, 0), count)
    }
}

// MARK: As it is written

extension SplitReference {
    /// What its spelling is called in messages.
    static let form = "a split, `name` or `name[from:to]` with numbers or percentages"

    /// Reads `name`, or `name[from:to]` with two numbers or two percentages.
    public init?(_ text: String) {
        guard let bracket = text.firstIndex(of: "[") else {
            guard Self.isName(text[...]) else { return nil }
            self.init(name: text)
            return
        }
        let name = text[..<bracket]
        let bounds = text[text.index(after: bracket)...].dropLast()
            .split(separator: ":", omittingEmptySubsequences: false)
        guard text.hasSuffix("]"), Self.isName(name), bounds.count == 2 else { return nil }
        let read = bounds.map { $0.isEmpty ? nil : Bound($0) }
        guard zip(bounds, read).allSatisfy({ $0.isEmpty || $1 != nil }) else { return nil }
        switch (read[0], read[1]) {
        case (.example, .percent), (.percent, .example): return nil
        default: self.init(name: String(name), from: read[0], to: read[1])
        }
    }

    private static func isName(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.allSatisfy { $0.isLetter || $0.isNumber || "._-".contains($0) }
    }
}

extension SplitReference.Bound {
    /// Reads a number, with underscores between its digits if need be, or a percentage.
    fileprivate init?(_ text: Substring) {
        let digits = text.filter { $0 != "_" }
        guard !digits.hasPrefix("+") else { return nil }
        if digits.hasSuffix("%") {
            guard let percent = Int(digits.dropLast()), (-100...100).contains(percent) else {
                return nil
            }
            self = .percent(percent)
        } else {
            guard let offset = Int(digits) else { return nil }
            self = .example(offset)
        }
    }
}

extension SplitReference: CustomStringConvertible {
    /// As it is written.
    public var description: String {
        guard lower != nil || upper != nil else { return name }
        return "\(name)[\(lower?.description ?? ""):\(upper?.description ?? "")]"
    }
}

extension SplitReference.Bound: CustomStringConvertible {
    /// As it is written.
    public var description: String {
        switch self {
        case .example(let offset): "\(offset)"
        case .percent(let percent): "\(percent)%"
        }
    }
}

extension ValueReader {
    func split() -> SplitReference? {
        guard let split = scalar.flatMap({ SplitReference($0.text) }) else {
            mismatch(SplitReference.form)
            return nil
        }
        return split
    }
}
