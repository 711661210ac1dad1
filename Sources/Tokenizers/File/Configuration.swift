/// A value of a tokenizer's file, with the way that leads to it.
///
/// Every getter checks and, where the file says something else, throws an error with the file, the
/// key, what was expected and what was found.
struct Configuration: Sendable {
    let file: String
    /// Keys and positions from the root, as in `normalizer.normalizers[1]`; empty at the root.
    let path: String
    let value: JSON

    init(file: String, path: String = "", value: JSON) {
        self.file = file
        self.path = path
        self.value = value
    }

    /// What an error says was wrong with this value.
    func unexpected(expected: String) -> TokenizerError {
        .unexpected(file: file, key: path, expected: expected, found: value.description)
    }
}

// MARK: - Going down

extension Configuration {
    /// The value of a key, or `nil` where it is absent or null.
    func optional(_ key: String) throws -> Configuration? {
        let matches = try entries().filter { $0.key.isIdentical(to: key) }
        let path = path.isEmpty ? key : "\(path).\(key)"
        guard matches.count < 2 else { throw TokenizerError.repeatedKey(file: file, key: path) }
        guard let value = matches.first?.value else { return nil }
        if case .null = value { return nil }
        return Configuration(file: file, path: path, value: value)
    }

    /// The value of a key that must be there; `expected` says in a few words what it holds.
    func required(_ key: String, expected: String) throws -> Configuration {
        guard let value = try optional(key) else {
            throw TokenizerError.missing(
                file: file,
                key: path.isEmpty ? key : "\(path).\(key)",
                expected: expected
            )
        }
        return value
    }

    /// The elements of a list.
    func elements() throws -> [Configuration] {
        guard case .list(let elements) = value else { throw unexpected(expected: "a list") }
        return elements.enumerated().map { index, element in
            Configuration(file: file, path: "\(path)[\(index)]", value: element)
        }
    }

    /// The keys and values of an object, in the order of the file.
    func entries() throws -> [(key: String, value: JSON)] {
        guard case .object(let entries) = value else { throw unexpected(expected: "an object") }
        return entries
    }
}

// MARK: - Reading

extension Configuration {
    /// The string that a required key holds.
    func string(_ key: String) throws -> String {
        try required(key, expected: "a string").string()
    }

    /// The truth value that a required key holds.
    func boolean(_ key: String) throws -> Bool {
        try required(key, expected: "true or false").boolean()
    }

    /// The integer that a required key holds.
    func integer(_ key: String, in range: ClosedRange<Int>) throws -> Int {
        try required(key, expected: "an integer").integer(in: range)
    }

    /// This value as a string.
    func string() throws -> String {
        guard case .string(let string) = value else { throw unexpected(expected: "a string") }
        return string
    }

    /// This value as a truth value.
    func boolean() throws -> Bool {
        guard case .boolean(let boolean) = value else {
            throw unexpected(expected: "true or false")
        }
        return boolean
    }

    /// This value as an integer.
    func integer(in range: ClosedRange<Int>) throws -> Int {
        guard case .integer(let integer) = value, range.contains(integer) else {
            throw unexpected(
                expected: "an integer from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return integer
    }

    /// This value as one of several names, each of which means something.
    func choice<Value>(of choices: [(name: String, value: Value)]) throws -> Value {
        let name = try string()
        guard let choice = choices.first(where: { $0.name.isIdentical(to: name) }) else {
            throw unexpected(expected: choices.map(\.name).joined(separator: " or "))
        }
        return choice.value
    }

    /// This value as the id of a token or of a segment.
    func id() throws -> Int32 {
        Int32(truncatingIfNeeded: try integer(in: 0...Int(Int32.max)))
    }
}

extension ClosedRange<Int> {
    /// The numbers of a file that count something.
    static let counts = 0...Int(Int32.max)
}

extension StringProtocol {
    /// Whether two strings have the same scalars, which `==` does not ask.
    func isIdentical(to other: some StringProtocol) -> Bool {
        utf8.elementsEqual(other.utf8)
    }
}
