extension ValueReader {
    /// A setting in any of its forms.
    func setting() -> Setting? {
        switch value.content {
        case .scalar: return settingScalar().map(Setting.scalar)
        case .map: return filtered().map { .filtered([$0]) }
        case .list(let values):
            if case .map = values.first?.content {
                return list(of: "maps with `filter` and `value`") { $0.filtered() }
                    .map(Setting.filtered)
            }
            return plainList()
        }
    }

    private func plainList() -> Setting? {
        list(of: "values") { $0.settingScalar() }.map(Setting.list)
    }

    private func settingScalar() -> Setting.Scalar? {
        guard let scalar else {
            mismatch("a number, true, false or a text")
            return nil
        }
        if let number = scalar.number {
            guard number.isFinite else {
                mismatch("a finite number")
                return nil
            }
            return .number(number)
        }
        return scalar.boolean.map(Setting.Scalar.boolean) ?? .text(scalar.text)
    }

    private func filtered() -> Setting.Filtered? {
        guard let map = map("a map with `filter` and `value`") else { return nil }
        let filter = map["filter"]?.text()
        let value = map.required("value")?.unfiltered()
        map.finish()
        return value.map { Setting.Filtered(filter, $0) }
    }

    private func unfiltered() -> Setting? {
        switch value.content {
        case .scalar: return settingScalar().map(Setting.scalar)
        case .list: return plainList()
        case .map:
            mismatch("a value or a list of values")
            return nil
        }
    }
}

extension Setting {
    var document: DocumentValue {
        switch self {
        case .scalar(let scalar): scalar.document
        case .list(let scalars): .list(scalars.map(\.document))
        case .filtered(let entries):
            .list(
                entries.map { entry in
                    .map([
                        ("filter", entry.filter.map(DocumentValue.text)),
                        ("value", entry.value.document),
                    ])
                }
            )
        }
    }
}

extension Setting.Scalar {
    var document: DocumentValue {
        switch self {
        case .number(let number): .number(number)
        case .boolean(let value): .boolean(value)
        case .text(let text): .text(text)
        }
    }
}
