internal import Checkpoints
internal import FoundationEssentials

extension ConfigurationText {
    /// A configuration that names the format that the weights are stored in, and counts the layers of
    /// the merged model; where nothing is to be said, it is left as it is.
    ///
    /// Tells the modules of whose layers it has no number, too.
    static func of(
        _ data: Data?,
        in directory: URL,
        storedAs type: ElementType?,
        _ stacks: [StackedLayers] = []
    ) throws -> (data: Data?, uncounted: [String]) {
        guard let data, type != nil || !stacks.isEmpty else { return (data, []) }
        guard var text = ConfigurationText(data) else {
            throw ExportError.configuration(file: directory.appending(path: "config.json").path)
        }
        if let type { text.name(type) }
        let uncounted = stacks.filter { !text.count($0) }
        return (Data(text.bytes), uncounted.map(\.module.name))
    }

    private mutating func name(_ type: ElementType) {
        // Newer versions of transformers say `dtype`, older ones `torch_dtype`.
        for key in ["torch_dtype", "dtype"] { replace(key, with: type.rawValue) }
    }
}

// MARK: Layers

extension ConfigurationText {
    /// Says how many layers a module has, and what is said of each; `false` where there is no number.
    private mutating func count(_ stack: StackedLayers) -> Bool {
        var isCounted = false
        for section in stack.module.entry.sections {
            let path = section.isEmpty ? [] : [section]
            for key in keys(of: stack, in: path) {
                replace(path + [key], with: Array(String(stack.origins.count).utf8))
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
            value(path + [key]).flatMap { Int(String(decoding: $0, as: UTF8.self)) }.map {
                (key, $0)
            }
        }
        let right = found.filter { $0.1 == stack.count }
        return (right.isEmpty ? Array(found.prefix(1)) : right).map(\.0)
    }

    /// Puts lists by layer, and lists of layers, into the order of the merged model's.
    private mutating func restack(_ stack: StackedLayers, in path: [String]) {
        let directories = stack.origins.map(\.directory)
        let texts = directories.reduce(into: [URL: ConfigurationText]()) { texts, directory in
            guard texts[directory.url] == nil, let data = directory.configuration else { return }
            texts[directory.url] = ConfigurationText(data)
        }
        let origins = stack.origins.map { (text: texts[$0.directory.url], layer: $0.layer) }
        for key in ModuleTable.listsByLayer {
            guard let own = elements(path + [key]), own.count == stack.count else { continue }
            let elements = origins.map { text, layer in
                let all = text?.elements(path + [key]) ?? own
                return all.indices.contains(layer) ? all[layer] : own.last ?? []
            }
            replace(path + [key], with: Self.list(elements))
        }
        for key in ModuleTable.listsOfLayers where elements(path + [key]) != nil {
            let elements = origins.enumerated().filter { _, origin in
                let number = Array(String(origin.layer).utf8)
                return origin.text?.elements(path + [key])?.contains(number) == true
            }.map { Array(String($0.offset).utf8) }
            replace(path + [key], with: Self.list(elements))
        }
    }

    private static func list(_ elements: [[UInt8]]) -> [UInt8] {
        Array("[".utf8) + elements.joined(separator: Array(", ".utf8)) + Array("]".utf8)
    }
}
