/// A part of an input: text that is still to be encoded, or a token that was recognised in it.
enum Piece: Sendable {
    case text(Substring)
    case token(Int32)
}

extension [Piece] {
    /// The pieces with every text replaced by what a closure appends for it, empty texts left out.
    func replacingTexts(
        _ replace: (_ text: Substring, _ pieces: inout [Piece]) throws -> Void
    ) rethrows -> [Piece] {
        var result: [Piece] = []
        for piece in self {
            switch piece {
            case .text(let text): try replace(text, &result)
            case .token: result.append(piece)
            }
        }
        return result
    }

    /// Adds a text unless it is empty.
    mutating func append(_ text: Substring) {
        if !text.isEmpty { append(.text(text)) }
    }
}
