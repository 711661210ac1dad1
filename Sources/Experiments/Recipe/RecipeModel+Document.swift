// MARK: Reading

extension RecipeModel {
    static func read(_ value: ValueReader, _ options: OptionReader) -> RecipeModel? {
        guard let map = value.map("a map with `model`") else { return nil }
        let reference = map.required("model")?.model()
        let statistics = map["statistics"]?.file()
        let parameters = options.settings(map["parameters"]?.map(), ofModel: true)
        map.finish(homes: options.homes(beside: map.path))
        return reference.map { RecipeModel($0, statistics: statistics, parameters: parameters) }
    }
}

extension RecipeSlice {
    static func read(_ value: ValueReader, _ options: OptionReader) -> RecipeSlice? {
        guard let map = value.map("a map with `sources`") else { return nil }
        let sources = map.required("sources")?
            .filledList(of: "sources") { Source.read($0, options) }
        let slice = RecipeSlice(
            sources ?? [],
            baseModel: map["base_model"]?.model(),
            residualWeight: map["residual_weight"]?.number(),
            parameters: options.settings(map["parameters"]?.map())
        )
        map.finish(homes: options.homes(beside: map.path))
        let counts = slice.sources.map(\.layers.count)
        if Set(counts).count > 1 { value.report(.layerCounts(counts)) }
        return slice
    }
}

extension RecipeSlice.Source {
    fileprivate static func read(_ value: ValueReader, _ options: OptionReader) -> Self? {
        guard let map = value.map("a map with `model` and `layer_range`") else { return nil }
        let reference = map.required("model")?.model()
        let layers = map.required("layer_range")?.layers()
        let parameters = options.settings(map["parameters"]?.map(), ofModel: true)
        map.finish(homes: options.homes(beside: map.path))
        guard let reference, let layers else { return nil }
        return Self(reference, layers: layers, parameters: parameters)
    }
}

extension RecipeModule {
    static func read(
        _ name: String,
        _ value: ValueReader,
        _ options: OptionReader
    ) -> RecipeModule? {
        guard let map = value.map("a map with `models` or `slices`") else { return nil }
        let layout = map.layout(["models", "slices"])
        let module = RecipeModule(
            name,
            models: layout["models"]?.filledList(of: "models") { .read($0, options) } ?? [],
            slices: layout["slices"]?.filledList(of: "slices") { .read($0, options) } ?? [],
            parameters: options.settings(map["parameters"]?.map())
        )
        map.finish(homes: options.homes(beside: map.path))
        return module
    }
}

extension MapReader {
    /// The values of some keys, exactly one of which must be given.
    func layout(_ keys: [String]) -> [String: ValueReader] {
        let found = keys.filter { self[$0] != nil }
        if found.count != 1 { reading.report(.oneOf(keys, found: found), at: path, origin) }
        return Dictionary(
            uniqueKeysWithValues: found.compactMap { key in self[key].map { (key, $0) } }
        )
    }
}

extension ValueReader {
    /// A range of layers, `[first, end]` with the end left out.
    fileprivate func layers() -> Range<Int>? {
        guard case .list(let values) = value.content, values.count == 2,
            case .scalar(let first) = values[0].content, case .scalar(let end) = values[1].content,
            let first = first.integer, let end = end.integer, first >= 0, first < end
        else {
            mismatch("two layers, as in [0, 12]: the first, and the one after the last")
            return nil
        }
        return first..<end
    }
}

// MARK: Writing

extension RecipeModel {
    var document: DocumentValue {
        .map([
            ("model", reference.document),
            ("statistics", statistics.map(DocumentValue.text)),
            ("parameters", .map(sorted: parameters, \.document)),
        ])
    }
}

extension RecipeSlice {
    var document: DocumentValue {
        .map([
            ("sources", .list(sources.map(\.document))),
            ("base_model", baseModel?.document),
            ("residual_weight", residualWeight.map(DocumentValue.number)),
            ("parameters", .map(sorted: parameters, \.document)),
        ])
    }
}

extension RecipeSlice.Source {
    fileprivate var document: DocumentValue {
        .map([
            ("model", reference.document),
            (
                "layer_range",
                .list([.integer(layers.lowerBound), .integer(layers.upperBound)])
            ),
            ("parameters", .map(sorted: parameters, \.document)),
        ])
    }
}

extension RecipeModule {
    var document: DocumentValue {
        .map([
            ("models", models.isEmpty ? nil : .list(models.map(\.document))),
            ("slices", slices.isEmpty ? nil : .list(slices.map(\.document))),
            ("parameters", .map(sorted: parameters, \.document)),
        ])
    }
}
