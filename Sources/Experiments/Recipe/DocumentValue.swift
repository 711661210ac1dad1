internal import OrderedCollections

/// Where a value of a document was written.
enum DocumentOrigin: Hashable, Sendable {
    /// In the file, counted from 1.
    case file(line: Int, column: Int)
    /// On the command line, as a `--set` with this text.
    case override(String)
    /// Nowhere: the program wrote it.
    case generated
}

/// A value of a YAML document, with the place it was written at.
struct DocumentValue: Sendable {
    enum Content: Sendable {
        case scalar(DocumentScalar)
        case list([DocumentValue])
        case map(OrderedDictionary<String, Entry>)
    }

    struct Entry: Sendable {
        /// Where the key was written.
        var origin: DocumentOrigin
        var value: DocumentValue
    }

    var content: Content
    var origin: DocumentOrigin
}

// MARK: Values the program writes

extension DocumentValue {
    static func text(_ text: String) -> DocumentValue {
        DocumentValue(
            content: .scalar(DocumentScalar(text: text, isText: true)),
            origin: .generated
        )
    }

    static func boolean(_ value: Bool) -> DocumentValue {
        plain(String(value))
    }

    static func integer(_ value: some BinaryInteger) -> DocumentValue {
        plain(String(value))
    }

    static func number(_ value: Double) -> DocumentValue {
        plain(numeral(value))
    }

    /// The shortest text that reads back as the same number, in a form Python's YAML reads too.
    static func numeral(_ value: Double) -> String {
        if value.magnitude < 0x1p53, let whole = Int(exactly: value) { return String(whole) }
        let text = String(value)
        // Python takes 1e-05 for text, and 1.0e-05 for a number.
        guard let exponent = text.firstIndex(of: "e"), !text.contains(".") else { return text }
        return text[..<exponent] + ".0" + text[exponent...]
    }

    static func list(_ values: [DocumentValue]) -> DocumentValue {
        DocumentValue(content: .list(values), origin: .generated)
    }

    /// A map of the entries that have a value, in their order.
    static func map(_ entries: [(key: String, value: DocumentValue?)]) -> DocumentValue {
        var map: OrderedDictionary<String, Entry> = [:]
        for case (let key, let value?) in entries {
            map[key] = Entry(origin: .generated, value: value)
        }
        return DocumentValue(content: .map(map), origin: .generated)
    }

    /// A map in the order of its keys; nothing where it would be empty.
    static func map<Value>(
        sorted values: [String: Value],
        _ document: (Value) -> DocumentValue
    ) -> DocumentValue? {
        guard !values.isEmpty else { return nil }
        return map(values.sorted { $0.key < $1.key }.map { ($0.key, document($0.value)) })
    }

    private static func plain(_ text: some StringProtocol) -> DocumentValue {
        DocumentValue(content: .scalar(DocumentScalar(text: String(text))), origin: .generated)
    }
}

// MARK: What it is

extension DocumentValue {
    var isNull: Bool {
        guard case .scalar(let scalar) = content else { return false }
        return scalar.isNull
    }

    /// What messages call it.
    var summary: String {
        switch content {
        case .scalar(let scalar) where scalar.isNull: "nothing"
        case .scalar(let scalar)
        where scalar.isText && DocumentScalar(text: scalar.text).looksTyped:
            "the text \"\(scalar.text)\" (in quotes)"
        case .scalar(let scalar): "`\(scalar.text.abbreviated)`"
        case .list: "a list"
        case .map: "a map"
        }
    }
}

extension DocumentScalar {
    fileprivate var looksTyped: Bool { number != nil || boolean != nil }
}

extension String {
    /// The text in one line of at most 80 characters.
    var abbreviated: String {
        let line = String(map { $0.isNewline ? " " : $0 })
        return line.count <= 80 ? line : line.prefix(79) + "…"
    }
}
