internal import OrderedCollections
internal import Yams

extension DocumentValue {
    /// The value as YAML: blocks, but lists of scalars in one line.
    func yaml() throws -> String {
        try Yams.serialize(node: node, width: -1, allowUnicode: true)
    }

    private var node: Node {
        switch content {
        case .scalar(let scalar): .scalar(scalar.node)
        case .list(let values):
            .sequence(.init(values.map(\.node), Tag(.seq), isFlow ? .flow : .block))
        case .map(let entries):
            .mapping(
                .init(
                    entries.map { key, entry in
                        (.scalar(DocumentScalar(text: key, isText: true).node), entry.value.node)
                    },
                    Tag(.map),
                    entries.isEmpty ? .flow : .block
                )
            )
        }
    }

    private var isFlow: Bool {
        guard case .list(let values) = content else { return false }
        return values.allSatisfy { if case .scalar = $0.content { true } else { false } }
    }
}

extension DocumentScalar {
    fileprivate var node: Node.Scalar {
        guard isText else { return .init(text, .implicit, .plain) }
        // Quotes for what would be read as something else, here or by another reader of YAML, and
        // for what only quotes write without loss.
        let plain = DocumentScalar(text: text)
        let isSafe =
            plain.number == nil && plain.boolean == nil && !plain.isNull
            && Resolver.default.resolveTag(of: Node(text)) == .str
            && !text.contains(where: \.isNewline)
            && text.unicodeScalars.allSatisfy {
                $0.value >= 0x20 && ![0x7F, 0xFEFF].contains($0.value)
            }
        return .init(text, Tag(.str), isSafe ? .any : .doubleQuoted)
    }
}
