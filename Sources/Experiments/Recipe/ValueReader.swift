internal import OrderedCollections
internal import Tasks

/// A value of a recipe about to be read as something: each method reads, or reports and is `nil`.
struct ValueReader {
    let value: DocumentValue
    let path: DocumentPath
    let reading: RecipeReading

    func report(_ fact: RecipeFact) {
        reading.report(fact, at: path, value.origin)
    }

    func mismatch(_ expected: String) {
        report(.mismatch(expected: expected, found: value.summary))
    }

    /// The scalar, unless it is a list, a map or nothing.
    var scalar: DocumentScalar? {
        guard case .scalar(let scalar) = value.content, !scalar.isNull else { return nil }
        return scalar
    }
}

// MARK: Scalars

extension ValueReader {
    /// A text; what would be a number elsewhere is read as it is written.
    func text(_ expected: String = "a text") -> String? {
        guard let scalar, !scalar.text.isEmpty else {
            mismatch(expected)
            return nil
        }
        return scalar.text
    }

    func boolean() -> Bool? {
        guard let boolean = scalar?.boolean else {
            mismatch("true or false")
            return nil
        }
        return boolean
    }

    func number(_ range: NumberRange = .finite) -> Double? {
        guard let number = scalar?.number, number.isFinite, range.contains(number) else {
            mismatch(range.description)
            return nil
        }
        return number
    }

    func integer(atLeast least: Int) -> Int? {
        guard let integer = scalar?.integer, integer >= least else {
            mismatch("a whole number of at least \(least)")
            return nil
        }
        return integer
    }

    /// A whole number that bounds something; `nil` also for `all`, which bounds nothing.
    func limit() -> Int? {
        if scalar?.text == "all" { return nil }
        guard let limit = scalar?.integer, limit >= 1 else {
            mismatch("a whole number of at least 1, or `all`")
            return nil
        }
        return limit
    }

    /// A whole number of at most 64 bits.
    func seed() -> UInt64? {
        guard let scalar,
            let seed = UInt64(scalar.text) ?? scalar.integer.flatMap(UInt64.init(exactly:))
        else {
            mismatch("a whole number of at least 0 and below 2 to the power of 64")
            return nil
        }
        return seed
    }

    /// One of the cases of an enumeration, by its raw value.
    func choice<Choice>(
        _ type: Choice.Type = Choice.self
    ) -> Choice? where Choice: CaseIterable & RawRepresentable<String> {
        let names = Choice.allCases.map(\.rawValue)
        guard let text = scalar?.text else {
            mismatch("one of \(names.joined(separator: ", "))")
            return nil
        }
        if let choice = Choice(rawValue: text) { return choice }
        let nearest = Spelling.nearest(to: text, among: names)
        report(.unknownName(kind: "value", text, nearest: nearest, known: names))
        return nil
    }

    /// The absolute path of a file or directory.
    ///
    /// A relative path must exist, to be known which one is meant; an absolute one is checked by
    /// whoever opens it.
    func file() -> String? {
        guard let path = text("a path") else { return nil }
        if let existing = reading.paths.existing(path) { return existing }
        if path.hasPrefix("/") { return PathResolver.standardized(path) }
        report(.fileNotFound(path, directories: reading.paths.directories))
        return nil
    }
}

/// Which numbers an option takes, and what messages call them.
struct NumberRange: CustomStringConvertible, Sendable {
    let description: String
    let contains: @Sendable (Double) -> Bool

    static let finite = NumberRange(description: "a number") { _ in true }
    static let positive = NumberRange(description: "a number above 0") { $0 > 0 }
    static let nonnegative = NumberRange(description: "a number of at least 0") { $0 >= 0 }
    /// From 0, which is left out, to 1.
    static let share = NumberRange(description: "a number above 0 and at most 1") {
        $0 > 0 && $0 <= 1
    }
    /// From 0 to 1.
    static let proportion = NumberRange(description: "a number from 0 to 1") {
        $0 >= 0 && $0 <= 1
    }
    /// From 0 to 1, which is left out.
    static let belowOne = NumberRange(description: "a number of at least 0 and below 1") {
        $0 >= 0 && $0 < 1
    }
}

// MARK: Splits

extension ValueReader {
    /// A split of a data set, or a slice of one.
    func split() -> SplitReference? {
        guard let split = scalar.flatMap({ try? SplitReference(parsing: $0.text) }) else {
            mismatch("a split, `name` or `name[from:to]` with numbers or percentages")
            return nil
        }
        return split
    }
}

// MARK: Lists and maps

extension ValueReader {
    /// The elements of a list, without those that could not be read.
    func list<Element>(
        of expected: String,
        _ read: (ValueReader) -> Element?
    ) -> [Element]? {
        guard case .list(let values) = value.content else {
            mismatch("a list of \(expected)")
            return nil
        }
        return values.indices.compactMap { index in
            read(
                ValueReader(value: values[index], path: path.appending(index), reading: reading)
            )
        }
    }

    /// The elements of a list that must have at least one.
    func filledList<Element>(
        of expected: String,
        _ read: (ValueReader) -> Element?
    ) -> [Element]? {
        if case .list(let values) = value.content, values.isEmpty {
            report(.empty(expected))
            return nil
        }
        return list(of: expected, read)
    }

    /// A list of texts, or one text.
    func texts(_ expected: String = "texts") -> [String]? {
        scalar.map { [$0.text] } ?? list(of: expected) { $0.text() }
    }

    /// A map whose keys are known to whoever reads it.
    func map(_ expected: String = "a map") -> MapReader? {
        guard case .map(let entries) = value.content else {
            mismatch(expected)
            return nil
        }
        return MapReader(entries, at: self)
    }

    /// A map whose keys are names of the user's choice.
    func dictionary<Value>(
        of expected: String,
        _ read: (ValueReader) -> Value?
    ) -> [String: Value]? {
        guard let entries = entries(of: expected) else { return nil }
        let values = entries.map { ($0.name, read($0.value)) }
        return Dictionary(uniqueKeysWithValues: values).compactMapValues(\.self)
    }

    /// The entries of such a map, in their order.
    func entries(of expected: String) -> [(name: String, value: ValueReader)]? {
        guard case .map(let entries) = value.content else {
            mismatch("a map of \(expected)")
            return nil
        }
        return entries.map { name, entry in
            (name, ValueReader(value: entry.value, path: path.appending(name), reading: reading))
        }
    }

    /// The entries of a map that must have at least one.
    func filledEntries(of expected: String) -> [(name: String, value: ValueReader)]? {
        let entries = entries(of: expected)
        if entries?.isEmpty == true { report(.empty(expected)) }
        return entries
    }
}
