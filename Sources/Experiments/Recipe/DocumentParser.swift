internal import OrderedCollections
internal import Yams

/// Turns YAML text into a tree of values.
///
/// Yams replaces aliases by what they stand for while it parses, and hashes every key of a map:
/// a few lines of aliases of aliases would keep it busy for years. So it never sees one. Every
/// asterisk is replaced by a character that the text does not use; what then stands as a plain
/// scalar beginning with it was an alias, expanded here within bounds, and everywhere else the
/// asterisk is put back. Lines and columns stay what they were.
struct DocumentParser {
    /// How deep values may be nested; no recipe needs a tenth of it.
    static let deepest = 100
    /// How many values a document may hold, counted again for each alias.
    static let mostValues = 100_000

    private let asterisk: Character
    private var anchors: [String: Anchored] = [:]
    private var values = 0

    private struct Anchored {
        var value: DocumentValue
        var values: Int
        var depth: Int
    }

    /// The only document of a text.
    static func value(of text: String) throws(RecipeProblem) -> DocumentValue {
        guard text.utf8.count <= RecipeDocument.longest else {
            throw RecipeProblem(.tooLarge(limit: RecipeDocument.longest), .generated)
        }
        let used = Set(text.unicodeScalars.filter { (0xE000...0xF8FF).contains($0.value) })
        let free = (0xE000...0xF8FF as ClosedRange<UInt32>).lazy
            .compactMap(Unicode.Scalar.init).first { !used.contains($0) }
        guard let free else {
            throw RecipeProblem(.syntax("it uses every private character there is"), .generated)
        }
        var parser = DocumentParser(asterisk: Character(free))
        let hidden = text.contains("*") ? text.replacing("*", with: String(free)) : text
        do {
            // Without rules, Yams leaves every scalar a text; their meaning is `DocumentScalar`'s.
            let yaml = try Yams.Parser(yaml: hidden, resolver: .basic)
            // The parser owns the anchors that nodes refer to weakly.
            return try withExtendedLifetime(yaml) {
                guard let root = try yaml.singleRoot() else { return .empty }
                return try parser.value(of: root, depth: 1).value
            }
        } catch let problem as RecipeProblem {
            throw problem
        } catch {
            throw parser.problem(of: error)
        }
    }

    private init(asterisk: Character) {
        self.asterisk = asterisk
    }

    /// A value, and how deep its own values are nested.
    private mutating func value(
        of node: Node,
        depth: Int
    ) throws(RecipeProblem) -> (value: DocumentValue, depth: Int) {
        let origin = DocumentOrigin(node.mark)
        guard depth <= Self.deepest else {
            throw RecipeProblem(.tooDeep(limit: Self.deepest), origin)
        }
        let before = values
        try count(1, origin)
        let content: DocumentValue.Content
        var height = 1
        switch node {
        case .scalar(let scalar):
            if scalar.style == .plain, scalar.string.first == asterisk {
                return try alias(String(scalar.string.dropFirst()), depth, origin)
            }
            content = .scalar(try self.scalar(scalar, origin))
        case .sequence(let sequence):
            try require(sequence.tag, "tag:yaml.org,2002:seq", origin)
            var list: [DocumentValue] = []
            for node in sequence {
                let element = try value(of: node, depth: depth + 1)
                list.append(element.value)
                height = max(height, 1 + element.depth)
            }
            content = .list(list)
        case .mapping(let mapping):
            try require(mapping.tag, "tag:yaml.org,2002:map", origin)
            let map = try map(of: mapping, depth: depth)
            content = .map(map.entries)
            height = 1 + map.depth
        case .alias:
            throw RecipeProblem(.syntax("an alias stands where none can"), origin)
        }
        let value = DocumentValue(content: content, origin: origin)
        if let anchor = node.anchor {
            anchors[anchor.rawValue] = Anchored(
                value: value,
                values: values - before,
                depth: height
            )
        }
        return (value, height)
    }

    private mutating func map(
        of mapping: Node.Mapping,
        depth: Int
    ) throws(RecipeProblem) -> (entries: OrderedDictionary<String, DocumentValue.Entry>, depth: Int)
    {
        var entries: OrderedDictionary<String, DocumentValue.Entry> = [:]
        var merged: [DocumentValue] = []
        var height = 0
        for (key, node) in mapping {
            let origin = DocumentOrigin(key.mark)
            guard case .scalar(let scalar) = key,
                scalar.style != .plain || scalar.string.first != asterisk
            else { throw RecipeProblem(.keyIsNotText, origin) }
            let value = try value(of: node, depth: depth + 1)
            height = max(height, value.depth)
            let name = visible(scalar.string)
            if name == "<<", scalar.style == .plain {
                merged.append(value.value)
            } else if entries.updateValue(.init(origin: origin, value: value.value), forKey: name)
                != nil
            {
                throw RecipeProblem(.duplicateKey(name), origin)
            }
        }
        // What a map says itself wins over what it merges, and what is merged first over the rest.
        for value in merged {
            for source in try sources(of: value) {
                try count(source.count, value.origin)
                entries.merge(source) { own, _ in own }
            }
        }
        return (entries, height)
    }

    private func sources(
        of value: DocumentValue
    ) throws(RecipeProblem) -> [OrderedDictionary<String, DocumentValue.Entry>] {
        switch value.content {
        case .map(let entries): return [entries]
        case .list(let values):
            var sources: [OrderedDictionary<String, DocumentValue.Entry>] = []
            for value in values {
                guard case .map(let entries) = value.content else {
                    throw RecipeProblem(.unmergeable, value.origin)
                }
                sources.append(entries)
            }
            return sources
        case .scalar: throw RecipeProblem(.unmergeable, value.origin)
        }
    }

    private mutating func alias(
        _ name: String,
        _ depth: Int,
        _ origin: DocumentOrigin
    ) throws(RecipeProblem) -> (value: DocumentValue, depth: Int) {
        let isName = name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
        guard isName, !name.isEmpty else { throw RecipeProblem(.bareAsterisk, origin) }
        guard let anchored = anchors[name] else { throw RecipeProblem(.unknownAlias(name), origin) }
        guard depth + anchored.depth - 1 <= Self.deepest else {
            throw RecipeProblem(.tooDeep(limit: Self.deepest), origin)
        }
        try count(anchored.values - 1, origin)
        return (anchored.value, anchored.depth)
    }

    private mutating func count(_ more: Int, _ origin: DocumentOrigin) throws(RecipeProblem) {
        values += more
        guard values <= Self.mostValues else {
            throw RecipeProblem(.tooManyValues(limit: Self.mostValues), origin)
        }
    }

    private func scalar(
        _ scalar: Node.Scalar,
        _ origin: DocumentOrigin
    ) throws(RecipeProblem) -> DocumentScalar {
        let text = visible(scalar.string)
        switch scalar.tag.description {
        case "": return DocumentScalar(text: text, isText: scalar.style != .plain)
        case "!", "tag:yaml.org,2002:str": return DocumentScalar(text: text, isText: true)
        case "tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:bool",
            "tag:yaml.org,2002:null":
            return DocumentScalar(text: text)
        case let tag: throw RecipeProblem(.unsupportedTag(tag), origin)
        }
    }

    private func require(
        _ tag: Tag,
        _ name: String,
        _ origin: DocumentOrigin
    ) throws(RecipeProblem) {
        guard ["", "!", name].contains(tag.description) else {
            throw RecipeProblem(.unsupportedTag(tag.description), origin)
        }
    }

    /// A text with its asterisks.
    private func visible(_ text: String) -> String {
        text.contains(asterisk) ? text.replacing(String(asterisk), with: "*") : text
    }
}

// MARK: What Yams refuses

extension DocumentParser {
    private func problem(of error: any Error) -> RecipeProblem {
        guard let error = error as? YamlError else {
            return RecipeProblem(.syntax("it cannot be parsed"), .generated)
        }
        switch error {
        case .reader(let problem, _, _, _): return RecipeProblem(.syntax(problem), .generated)
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _):
            let within = context.map { visible("\($0.text) that began in line \($0.mark.line), ") }
            return RecipeProblem(.syntax((within ?? "") + visible(problem)), DocumentOrigin(mark))
        case .composer(_, _, let mark, _):
            return RecipeProblem(.secondDocument, DocumentOrigin(mark))
        case .duplicatedKeysInMapping(let keys, let context):
            return RecipeProblem(
                .duplicateKey(visible(keys.first ?? "")),
                DocumentOrigin(context.mark)
            )
        default: return RecipeProblem(.syntax("it cannot be parsed"), .generated)
        }
    }
}

extension DocumentOrigin {
    fileprivate init(_ mark: Mark?) {
        self = mark.map { .file(line: $0.line, column: $0.column) } ?? .generated
    }
}

extension DocumentValue {
    /// What a text without a document holds.
    fileprivate static let empty = DocumentValue(
        content: .scalar(DocumentScalar(text: "")),
        origin: .generated
    )
}
