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
        guard case .learned = method.kind else {
            let isOptional = if case .fromMasks = method.kind { true } else { false }
            guard method.kind.statistics != nil, !isOptional else {
                self.init(options: options)
                return
            }
            // One that takes a file of inputs as well says itself what is missing.
            let takesFile = method.card.options.contains { $0.values == .files }
            self.init(options: options, needsTasks: !takesFile)
            return
        }
        var density: Double?
        if case .number(let number) = method.card.options.first(where: { $0.name == "density" })?
            .fallback
        {
            density = number
        }
        self.init(learning: LearningParameters(density: density))
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
