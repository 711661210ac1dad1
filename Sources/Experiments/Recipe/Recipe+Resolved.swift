internal import OrderedCollections

extension Recipe {
    /// The recipe as YAML: every default written out, absolute paths, always in the same order.
    ///
    /// Read again, it is an equal recipe.
    public func resolvedYAML() throws -> String {
        try document.yaml()
    }

    /// Where this recipe says something else than another.
    public func differences(from other: Recipe) -> [RecipeDifference] {
        document.differences(from: other.document)
    }

    var document: DocumentValue {
        let options = parameters.sorted { $0.key < $1.key }.map { ($0.key, $0.value.document) }
        let parameters = (learning?.document ?? []) + options
        return .map([
            ("merge_method", .text(mergeMethod)),
            ("base_model", baseModel?.document),
            ("models", models.isEmpty ? nil : .list(models.map(\.document))),
            ("slices", slices.isEmpty ? nil : .list(slices.map(\.document))),
            ("modules", modules.isEmpty ? nil : .map(modules.map { ($0.name, $0.document) })),
            ("tasks", tasks.isEmpty ? nil : .list(tasks.map(\.document))),
            ("parameters", parameters.isEmpty ? nil : .map(parameters)),
            ("dtype", (dtype?.rawValue).map(DocumentValue.text)),
            ("out_dtype", (outDtype?.rawValue).map(DocumentValue.text)),
            ("tokenizer_source", tokenizerSource?.document),
            ("tokenizer", tokenizer?.document),
            ("chat_template", chatTemplate?.document),
            ("seed", .integer(seed)),
        ])
    }
}

/// A key at which two recipes differ.
public struct RecipeDifference: Equatable, Sendable {
    /// The key, as `--set` spells it.
    public let key: String
    /// What this recipe says, or `nil` if nothing.
    public let mine: String?
    /// What the other recipe says, or `nil` if nothing.
    public let theirs: String?
}

extension RecipeDifference: CustomStringConvertible {
    /// A phrase such as `parameters.steps` is 100 here and 500 there.
    public var description: String {
        "`\(key)` is \(mine ?? "not set") here and \(theirs ?? "not set") there"
    }
}

extension DocumentValue {
    func differences(from other: DocumentValue) -> [RecipeDifference] {
        let mine = leaves()
        let theirs = other.leaves()
        let keys = mine.keys + theirs.keys.filter { mine[$0] == nil }
        return keys.filter { mine[$0] != theirs[$0] }
            .map { RecipeDifference(key: $0.description, mine: mine[$0], theirs: theirs[$0]) }
    }

    /// The scalars by their paths, in order.
    private func leaves(
        at path: DocumentPath = DocumentPath()
    ) -> OrderedDictionary<DocumentPath, String> {
        switch content {
        case .scalar(let scalar): return [path: scalar.text]
        case .list(let values):
            return values.enumerated().reduce(into: [:]) { leaves, element in
                let inner = element.element.leaves(at: path.appending(element.offset))
                leaves.merge(inner) { old, _ in old }
            }
        case .map(let entries):
            return entries.reduce(into: [:]) { leaves, entry in
                let inner = entry.value.value.leaves(at: path.appending(entry.key))
                leaves.merge(inner) { old, _ in old }
            }
        }
    }
}
