/// Reads `parameters` maps of options, in whatever scope they stand.
struct OptionReader {
    /// The signature of the recipe's method; without one, any option of any kind is read.
    let signature: MethodSignature?

    /// Keys that mergekit reads and that make no difference here.
    private static let ignored = ["int8_mask"]

    /// The options in a `parameters` map of a slice or module, or of one model, which cannot have
    /// options of the whole merge.
    func settings(_ map: MapReader?, ofModel isModel: Bool = false) -> [String: Setting] {
        guard let map else { return [:] }
        let settings = unfinished(map, ofModel: isModel)
        map.finish()
        return settings
    }

    /// The options in a `parameters` map, which may hold keys that are no options.
    func unfinished(_ map: MapReader, ofModel isModel: Bool = false) -> [String: Setting] {
        Self.ignored.forEach(map.ignore)
        var settings: [String: Setting] = [:]
        guard let signature else {
            for name in map.unread { settings[name] = map[name]?.setting() }
            return settings
        }
        for (name, option) in signature.options {
            if isModel, option.scope == .global {
                guard map.has(name), let value = map[name] else { continue }
                value.report(.optionOfWholeMerge(name))
            } else {
                settings[name] = map[name]?.setting(of: option.kind)
            }
        }
        return settings
    }

    /// The options of the whole recipe, with the defaults of those it does not set.
    ///
    /// A setting whose filters leave tensors out gets its default as a last entry.
    func completed(_ settings: [String: Setting]) -> [String: Setting] {
        var settings = settings
        for (name, option) in signature?.options ?? [:] {
            guard let standard = option.standard else { continue }
            switch settings[name] {
            case nil: settings[name] = standard
            case .filtered(let entries) where !entries.contains(where: \.matchesAll):
                settings[name] = .filtered(entries + [.init(nil, standard)])
            default: break
            }
        }
        return settings
    }

    /// Where the options belong that stand beside a `parameters` map instead of in it.
    func homes(beside path: DocumentPath) -> [String: String] {
        (signature?.options ?? [:]).mapValues { _ in path.appending("parameters").description }
    }
}

extension ValueReader {
    /// A setting whose values are of a kind.
    func setting(of kind: MethodOption.Kind) -> Setting? {
        switch kind {
        case .any: return setting()
        case .number: return setting("a number", "numbers") { $0.number.map(Setting.Scalar.number) }
        case .flag:
            return setting("true or false", "true and false") {
                $0.truth.map(Setting.Scalar.boolean)
            }
        case .text(let names):
            return setting("a text", "texts") { .text($0.description) }
                .flatMap { names.isEmpty ? $0 : chosen($0, names) }
        case .texts: return texts().map { .list($0.map(Setting.Scalar.text)) }
        case .file: return file().map { .scalar(.text($0)) }
        }
    }

    private func setting(
        _ expected: String,
        _ plural: String,
        _ convert: (Setting.Scalar) -> Setting.Scalar?
    ) -> Setting? {
        guard let setting = setting() else { return nil }
        if let converted = setting.mapScalars(convert) { return converted }
        if let wrong = setting.scalars.first(where: { convert($0) == nil }) {
            let expected =
                if case .scalar = setting { expected } else { "\(expected), or \(plural)" }
            report(.mismatch(expected: expected, found: wrong.document.summary))
        }
        return nil
    }

    private func chosen(_ setting: Setting, _ names: [String]) -> Setting? {
        for case .text(let text) in setting.scalars where !names.contains(text) {
            let nearest = Spelling.nearest(to: text, among: names)
            report(.unknownName(kind: "value", text, nearest: nearest, known: names))
            return nil
        }
        return setting
    }
}
