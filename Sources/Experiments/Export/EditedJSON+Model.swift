internal import Checkpoints
internal import FoundationEssentials

// MARK: The configuration of a merged model

extension EditedJSON {
    /// A configuration that names the format that the weights are stored in, the number of tokens, and
    /// the layers of the merged model; where nothing is to be said, it is left as it is.
    ///
    /// Tells the modules of whose layers it has no number, too.
    static func configuration(
        _ data: Data?,
        in directory: URL,
        storedAs type: ElementType?,
        tokens: Int? = nil,
        _ stacks: [StackedLayers] = []
    ) throws -> (data: Data?, uncounted: [String]) {
        guard let data, type != nil || tokens != nil || !stacks.isEmpty else { return (data, []) }
        guard var text = EditedJSON(data) else {
            throw ExportError.configuration(file: directory.appending(path: "config.json").path)
        }
        if let type { text.name(type) }
        if let tokens { text.count(tokens: tokens) }
        let uncounted = stacks.filter { !text.count($0) }
        return (Data(text.bytes), uncounted.map(\.module.name))
    }

    private mutating func name(_ type: ElementType) {
        // Newer versions of transformers say `dtype`, older ones `torch_dtype`.
        for key in ["torch_dtype", "dtype"] { replaceText(key, with: type.rawValue) }
    }

    private mutating func count(tokens: Int) {
        // Models of several parts keep it with the part that reads texts.
        var isSaid = replace(["vocab_size"], with: "\(tokens)")
        for part in ["text_config", "llm_config", "language_config"] {
            isSaid = replace([part, "vocab_size"], with: "\(tokens)") || isSaid
        }
        if !isSaid { set("vocab_size", to: "\(tokens)") }
    }
}

// MARK: Layers

extension EditedJSON {
    /// Says how many layers a module has, and what is said of each; `false` where there is no number.
    private mutating func count(_ stack: StackedLayers) -> Bool {
        var isCounted = false
        for section in stack.module.entry.sections {
            let path = section.isEmpty ? [] : [section]
            for key in keys(of: stack, in: path) {
                replace(path + [key], with: "\(stack.origins.count)")
                isCounted = true
            }
            if isCounted {
                restack(stack, in: path)
                return true
            }
        }
        return false
    }

    /// The keys that hold the number of layers; where none does, the first that should.
    private func keys(of stack: StackedLayers, in path: [String]) -> [String] {
        let found = stack.module.entry.keys.compactMap { key in
            value(path + [key]).flatMap { Int($0) }.map { (key, $0) }
        }
        let right = found.filter { $0.1 == stack.count }
        return (right.isEmpty ? Array(found.prefix(1)) : right).map(\.0)
    }

    /// Puts lists by layer, and lists of layers, into the order of the merged model's.
    private mutating func restack(_ stack: StackedLayers, in path: [String]) {
        let directories = stack.origins.map(\.directory)
        let texts = directories.reduce(into: [URL: EditedJSON]()) { texts, directory in
            guard texts[directory.url] == nil, let data = directory.configuration else { return }
            texts[directory.url] = EditedJSON(data)
        }
        let origins = stack.origins.map { (text: texts[$0.directory.url], layer: $0.layer) }
        for key in ModuleTable.listsByLayer {
            guard let own = elements(path + [key]), own.count == stack.count else { continue }
            let elements = origins.map { text, layer in
                let all = text?.elements(path + [key]) ?? own
                return all.indices.contains(layer) ? all[layer] : own.last ?? ""
            }
            replace(path + [key], with: "[\(elements.joined(separator: ", "))]")
        }
        for key in ModuleTable.listsOfLayers where elements(path + [key]) != nil {
            let layers = origins.enumerated().filter { _, origin in
                origin.text?.elements(path + [key])?.contains("\(origin.layer)") == true
            }.map { "\($0.offset)" }
            replace(path + [key], with: "[\(layers.joined(separator: ", "))]")
        }
    }
}
