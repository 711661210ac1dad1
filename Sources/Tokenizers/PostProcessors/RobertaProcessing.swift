/// `<s> A </s>`, or `<s> A </s></s> B </s>`, all in segment 0.
struct RobertaProcessing: PostProcessor {
    private let beginning: Encoding
    private let end: Encoding

    init(_ configuration: Configuration) throws {
        self.init(
            beginning: try configuration.tokenWithID("cls"),
            end: try configuration.tokenWithID("sep")
        )
    }

    init(beginning: (token: String, id: Int32), end: (token: String, id: Int32)) {
        func special(_ special: (token: String, id: Int32)) -> Encoding {
            Encoding(ids: [special.id], tokens: [special.token], typeID: 0, isSpecial: true)
        }
        self.beginning = special(beginning)
        self.end = special(end)
    }

    func specialTokens(isPair: Bool) -> Int {
        isPair ? 4 : 2
    }

    func process(_ texts: [Encoding], addSpecialTokens: Bool) -> [Encoding] {
        let texts = texts.map { text in
            var text = text
            text.setTypeID(0)
            // As in the reference, the windows that overflow keep theirs unless they get tokens.
            guard addSpecialTokens else { return text }
            for index in text.overflowing.indices { text.overflowing[index].setTypeID(0) }
            return text
        }
        guard addSpecialTokens else { return texts }
        return [beginning] + texts.map { [$0, end] }.joined(separator: [end])
    }
}
