/// `[CLS] A [SEP]`, or `[CLS] A [SEP] B [SEP]` with B and what follows it in segment 1.
struct BertProcessing: PostProcessor {
    private let beginning: Encoding
    private let ends: [Encoding]

    init(_ configuration: Configuration) throws {
        self.init(
            beginning: try configuration.tokenWithID("cls"),
            end: try configuration.tokenWithID("sep")
        )
    }

    init(beginning: (token: String, id: Int32), end: (token: String, id: Int32)) {
        func special(_ special: (token: String, id: Int32), typeID: Int32) -> Encoding {
            Encoding(ids: [special.id], tokens: [special.token], typeID: typeID, isSpecial: true)
        }
        self.beginning = special(beginning, typeID: 0)
        ends = [special(end, typeID: 0), special(end, typeID: 1)]
    }

    func specialTokens(isPair: Bool) -> Int {
        isPair ? 3 : 2
    }

    func process(_ texts: [Encoding], addSpecialTokens: Bool) -> [Encoding] {
        guard addSpecialTokens else { return texts }
        return [beginning] + zip(texts, ends).flatMap { [$0, $1] }
    }
}

extension Configuration {
    /// A token with its id, as in `"cls": ["[CLS]", 101]`.
    func tokenWithID(_ key: String) throws -> (token: String, id: Int32) {
        let pair = try required(key, expected: "a token with its id")
        let elements = try pair.elements()
        guard elements.count == 2 else {
            throw pair.unexpected(expected: "a token with its id")
        }
        return (try elements[0].string(), try elements[1].id())
    }
}
