internal import Merging

extension MethodSignature {
    /// What recipes may say to each merge method, by its name.
    public static var all: [String: MethodSignature] {
        MergeMethods.all.reduce(into: [:]) { table, method in
            table[method.card.name] = MethodSignature(method)
        }
    }

    private init(_ method: MergeMethod) {
        var options: [String: MethodOption] = [:]
        for option in method.card.options { options[option.name] = MethodOption(option) }
        for name in method.card.accepted { options[name] = MethodOption(.both) }
        if case .learned(let prepared) = method.kind {
            self.init(learning: LearningParameters(taskVectors: prepared.map(MethodChoice.init)))
            return
        }
        let isOptional = if case .fromMasks = method.kind { true } else { false }
        // One that takes a file of inputs as well says itself what is missing.
        let takesFile = method.card.options.contains { $0.values == .files }
        self.init(
            options: options,
            vectorOptions: method.preparation?.options,
            needsTasks: method.kind.statistics != nil && !isOptional && !takesFile
        )
    }
}

extension MethodChoice {
    /// A method with options other than its defaults, and these.
    fileprivate init(_ prepared: MergeMethod.PreparedVectors) {
        let method = MergeMethods.all.first { $0.card.name == prepared.method }
        self.init(prepared.method)
        for option in method?.card.options ?? []
        where method?.preparation?.options.contains(option.name) == true {
            let value = prepared.options[option.name] ?? option.fallback
            parameters[option.name] = value.flatMap(Setting.Scalar.init).map(Setting.scalar)
        }
    }
}

extension Setting.Scalar {
    /// A method's value as a recipe says it; `nil` for a list, which is none of these.
    fileprivate init?(_ value: OptionValue) {
        switch value {
        case .number(let number): self = .number(number)
        case .flag(let flag): self = .boolean(flag)
        case .text(let text): self = .text(text)
        case .list: return nil
        }
    }
}

extension MethodOption {
    fileprivate init(_ option: MergeOption) {
        let kind: Kind? =
            switch option.fallback {
            case .text where option.values == .files: .file
            case .number: .number
            case .flag: .flag
            case .text: .text()
            case .list: .texts
            case nil: nil
            }
        // A value for all models may also stand at the top; one for the merge only there.
        self.init(option.scope == .model ? .both : .global, kind ?? .number)
    }
}
