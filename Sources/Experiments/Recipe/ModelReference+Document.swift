extension ValueReader {
    /// A model, in either of mergekit's forms.
    func model() -> ModelReference? {
        if case .map = value.content { return modelMap() }
        guard let text = text("a model: a directory, or an id of the Hub") else { return nil }
        // A directory may well have an @ or a + in its name.
        if let directory = reading.paths.existing(text) {
            return ModelReference(.init(.directory(directory)))
        }
        let parts = text.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2 else {
            report(.malformedModel(text, reason: "more than one + stands in it"))
            return nil
        }
        let sources = parts.map(source)
        guard let model = sources[0] else { return nil }
        if parts.count == 2 {
            guard let adapter = sources[1] else { return nil }
            return ModelReference(model, adapter: adapter)
        }
        return ModelReference(model)
    }

    private func modelMap() -> ModelReference? {
        guard let map = map() else { return nil }
        let model = map.required("model")?.sourceValue()
        let lora = map["lora"]
        let adapter = lora?.sourceValue()
        let architecture = map["override_architecture"]?.text()
        let home = map.path.appending("model").description
        map.finish(homes: ["path": home, "revision": home])
        guard let model, lora == nil || adapter != nil else { return nil }
        return ModelReference(model, adapter: adapter, architecture: architecture)
    }

    /// A `{path:, revision:}`, or its one-line form.
    private func sourceValue() -> ModelReference.Source? {
        guard case .map = value.content else {
            return text("a directory, or an id of the Hub").flatMap(source)
        }
        guard let map = map() else { return nil }
        let path = map.required("path")
        let revision = map["revision"]?.text()
        map.finish()
        guard let path, let text = path.text("a path"), let location = path.location(text) else {
            return nil
        }
        return ModelReference.Source(location, revision: revision)
    }

    /// Reads `path[@revision]`.
    private func source(_ text: String) -> ModelReference.Source? {
        if let directory = reading.paths.existing(text) { return .init(.directory(directory)) }
        let parts = text.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2 else {
            report(.malformedModel(text, reason: "more than one @ stands in it"))
            return nil
        }
        guard parts.count == 1 || !parts[1].isEmpty else {
            report(.malformedModel(text, reason: "no revision follows the @"))
            return nil
        }
        guard let location = location(parts[0]) else { return nil }
        return ModelReference.Source(location, revision: parts.count == 2 ? parts[1] : nil)
    }

    /// A directory that exists or is absolute; else an id, if it can be one.
    private func location(_ path: String) -> ModelReference.Source.Location? {
        if let directory = reading.paths.existing(path) { return .directory(directory) }
        guard !path.isEmpty else {
            report(.malformedModel(value.summary, reason: "it names no path"))
            return nil
        }
        if path.hasPrefix("/") { return .directory(PathResolver.standardized(path)) }
        if ModelReference.isHubIdentifier(path) { return .hub(path) }
        report(.fileNotFound(path, directories: reading.paths.directories))
        return nil
    }
}

extension ModelReference {
    /// Whether a text has the form `owner/name`, or `name` for the oldest models.
    static func isHubIdentifier(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count) else { return false }
        return parts.allSatisfy { part in
            part.utf8.first.map { $0.isLetterOrDigit } == true && !part.contains("..")
                && part.utf8.allSatisfy { $0.isLetterOrDigit || "._-".utf8.contains($0) }
        }
    }

    /// The one-line form where that reads back as the same, else the map.
    var document: DocumentValue {
        let sources = [model] + (adapter.map { [$0] } ?? [])
        let isPlain = sources.allSatisfy { source in
            !source.location.path.contains { "@+".contains($0) }
                && !(source.revision ?? "").contains { "@+".contains($0) }
        }
        guard architecture != nil || !isPlain else { return .text(description) }
        return .map([
            ("model", model.document),
            ("lora", adapter?.document),
            ("override_architecture", architecture.map(DocumentValue.text)),
        ])
    }
}

extension ModelReference.Source {
    fileprivate var document: DocumentValue {
        .map([("path", .text(location.path)), ("revision", revision.map(DocumentValue.text))])
    }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
