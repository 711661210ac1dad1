/// Splits at every punctuation character.
struct Punctuation: PreTokenizer {
    let behavior: SplitBehavior

    init(_ configuration: Configuration) throws {
        behavior = try configuration.optional("behavior").map { try SplitBehavior($0) } ?? .isolated
    }

    func split(_ pieces: [Piece]) -> [Piece] {
        pieces.replacingTexts { text, pieces in
            for part in behavior.parts(of: text, stretches: stretches(of: text.unicodeScalars)) {
                pieces.append(part)
            }
        }
    }

    private func stretches(of text: Substring.UnicodeScalarView) -> [SplitBehavior.Stretch] {
        var result: [SplitBehavior.Stretch] = []
        var start = text.startIndex
        for index in text.indices where text[index].isAny(of: .punctuation) {
            if start < index { result.append(.init(range: start..<index, isDelimiter: false)) }
            start = text.index(after: index)
            result.append(.init(range: index..<start, isDelimiter: true))
        }
        if start < text.endIndex {
            result.append(.init(range: start..<text.endIndex, isDelimiter: false))
        }
        return result
    }
}
