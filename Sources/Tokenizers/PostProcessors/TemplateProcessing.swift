/// Texts and special tokens in the order of a template, each with its segment.
struct TemplateProcessing: PostProcessor {
    private enum Part: Sendable {
        case text(Int, typeID: Int32)
        case special(Encoding)
    }

    private let single: [Part]
    private let pair: [Part]

    init(_ configuration: Configuration) throws {
        let specialTokens = try configuration.required("special_tokens", expected: "an object")
        func parts(_ key: String, texts: [String]) throws -> [Part] {
            let template = try configuration.required(key, expected: "a list")
            let pieces = try template.elements().map { try TemplatePiece($0, texts: texts) }
            let undefined = try pieces.compactMap { piece in
                if case .special(let name, _) = piece, try specialTokens.optional(name) == nil {
                    return name.quoted
                }
                return nil
            }
            guard undefined.isEmpty else {
                throw TokenizerError.unknownTokens(
                    file: template.file,
                    key: template.path,
                    tokens: undefined
                )
            }
            return try pieces.map { piece in
                switch piece {
                case .text(let index, let typeID):
                    return .text(index, typeID: typeID)
                case .special(let name, let typeID):
                    let token = try specialTokens.required(name, expected: "a special token")
                    return .special(try Encoding(token, typeID: typeID))
                }
            }
        }
        single = try parts("single", texts: ["A"])
        pair = try parts("pair", texts: ["A", "B"])
    }

    func specialTokens(isPair: Bool) -> Int {
        (isPair ? pair : single).reduce(0) { count, part in
            if case .special(let tokens) = part { count + tokens.count } else { count }
        }
    }

    func process(_ texts: [Encoding], addSpecialTokens: Bool) -> [Encoding] {
        (texts.count == 2 ? pair : single).compactMap { part in
            switch part {
            case .text(let index, let typeID):
                var text = texts[index]
                text.setTypeID(typeID)
                return text
            case .special(let tokens):
                return addSpecialTokens ? tokens : nil
            }
        }
    }
}

/// A part of a template as the file has it.
private enum TemplatePiece {
    case text(Int, typeID: Int32)
    case special(String, typeID: Int32)

    /// Reads `{"Sequence": {"id": "A", "type_id": 0}}` or `{"SpecialToken": {…}}`.
    init(_ configuration: Configuration, texts: [String]) throws {
        if let text = try configuration.optional("Sequence") {
            let name = try text.required("id", expected: texts.joined(separator: " or "))
            self = .text(
                try name.choice(of: texts.enumerated().map { ($1, $0) }),
                typeID: try text.required("type_id", expected: "an id").id()
            )
        } else if let special = try configuration.optional("SpecialToken") {
            self = .special(
                try special.string("id"),
                typeID: try special.required("type_id", expected: "an id").id()
            )
        } else {
            throw configuration.unexpected(expected: "a Sequence or a SpecialToken")
        }
    }
}

extension Encoding {
    /// The tokens that a special token of a template stands for.
    fileprivate init(_ configuration: Configuration, typeID: Int32) throws {
        let ids = try configuration.required("ids", expected: "a list").elements()
        let tokens = try configuration.required("tokens", expected: "a list").elements()
        guard ids.count == tokens.count else {
            throw configuration.unexpected(
                expected: "as many tokens (\(tokens.count)) as ids (\(ids.count))"
            )
        }
        self.init(
            ids: try ids.map { try $0.id() },
            tokens: try tokens.map { try $0.string() },
            typeID: typeID,
            isSpecial: true
        )
    }
}
