internal import OrderedCollections

extension DocumentValue {
    /// Sets what a `key.path=value` of the command line says; the value is YAML.
    mutating func apply(_ override: String) throws(RecipeProblem) {
        let origin = DocumentOrigin.override(override)
        guard let (path, text) = DocumentPath.assignment(override),
            path.components.count <= DocumentParser.deepest
        else {
            throw RecipeProblem(.notAnAssignment, origin)
        }
        let value: DocumentValue
        do {
            value = try DocumentParser.value(of: text).moved(to: origin)
        } catch {
            throw RecipeProblem(error.fact, at: path, origin)
        }
        try set(value, at: path)
    }

    /// Sets the value of a key; `*` stands for every element of a list.
    mutating func set(_ value: DocumentValue, at path: DocumentPath) throws(RecipeProblem) {
        try set(value, at: path.components[...], within: DocumentPath())
    }

    private mutating func set(
        _ value: DocumentValue,
        at keys: ArraySlice<String>,
        within path: DocumentPath
    ) throws(RecipeProblem) {
        guard let key = keys.first else {
            self = value
            return
        }
        if isNull { self = DocumentValue(content: .map([:]), origin: value.origin) }
        switch content {
        case .map(var entries):
            var entry = entries[key] ?? Entry(origin: value.origin, value: .null(value.origin))
            try entry.value.set(value, at: keys.dropFirst(), within: path.appending(key))
            entries[key] = entry
            content = .map(entries)
        case .list(var elements):
            if key == "*" {
                for index in elements.indices {
                    let place = path.appending(index)
                    try elements[index].set(value, at: keys.dropFirst(), within: place)
                }
                content = .list(elements)
                return
            }
            guard let index = index(of: key, among: elements) else {
                let names = elements.compactMap(\.name)
                throw RecipeProblem(
                    .noElement(key, names: names, count: elements.count),
                    at: path,
                    value.origin
                )
            }
            try elements[index].set(value, at: keys.dropFirst(), within: path.appending(key))
            content = .list(elements)
        case .scalar:
            // Data that need no more than a path are written as that.
            guard path.components.last == "data", key != "path" else {
                throw RecipeProblem(.noKeys(found: summary), at: path, value.origin)
            }
            content = .map(["path": Entry(origin: origin, value: self)])
            try set(value, at: keys, within: path)
        }
    }

    /// The element with this index or, if only one has it, this name.
    private func index(of key: String, among elements: [DocumentValue]) -> Int? {
        if let index = Int(key) { return elements.indices.contains(index) ? index : nil }
        let matches = elements.indices.filter { elements[$0].name == key }
        return matches.count == 1 ? matches[0] : nil
    }

    /// What an element of a list is called: its `name`, or the end of its model's path.
    private var name: String? {
        guard case .map(let entries) = content else { return nil }
        return entries["name"]?.value.text
            ?? entries["model"]?.value.text?.split(separator: "/").last.map(String.init)
    }

    private var text: String? {
        guard case .scalar(let scalar) = content, !scalar.isNull else { return nil }
        return scalar.text
    }

    private static func null(_ origin: DocumentOrigin) -> DocumentValue {
        DocumentValue(content: .scalar(DocumentScalar(text: "")), origin: origin)
    }

    func moved(to origin: DocumentOrigin) -> DocumentValue {
        let content: Content =
            switch content {
            case .scalar: content
            case .list(let values): .list(values.map { $0.moved(to: origin) })
            case .map(let entries):
                .map(
                    entries.mapValues { Entry(origin: origin, value: $0.value.moved(to: origin)) }
                )
            }
        return DocumentValue(content: content, origin: origin)
    }
}
