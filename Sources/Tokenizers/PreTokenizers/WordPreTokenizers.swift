/// Splits at white space, which is left out, and around every punctuation character.
struct BertPreTokenizer: PreTokenizer {
    func split(_ pieces: [Piece]) -> [Piece] {
        pieces.splitTexts { scalar in
            let classes = scalar.traits.classes
            if classes.contains(.whitespace) { return .between }
            return classes.contains(.punctuation) ? .alone : .together(0)
        }
    }
}

/// Splits at white space, which is left out.
struct WhitespaceSplit: PreTokenizer {
    func split(_ pieces: [Piece]) -> [Piece] {
        pieces.splitTexts { $0.isAny(of: .whitespace) ? .between : .together(0) }
    }
}

/// Runs of word characters and runs of anything else but white space: `\w+|[^\w\s]+`.
struct Whitespace: PreTokenizer {
    func split(_ pieces: [Piece]) -> [Piece] {
        pieces.splitTexts { scalar in
            let classes = scalar.traits.classes
            if classes.contains(.whitespace) { return .between }
            return .together(classes.contains(.word) ? 0 : 1)
        }
    }
}

/// Where a scalar belongs when a text is split into words.
private enum Place: Equatable {
    /// Between two words, in none.
    case between
    /// In a word of its own.
    case alone
    /// In one word with its neighbours of the same kind.
    case together(Int)
}

extension [Piece] {
    /// The pieces with their texts split as the place of every scalar asks.
    fileprivate func splitTexts(_ place: (Unicode.Scalar) -> Place) -> [Piece] {
        replacingTexts { text, pieces in
            let scalars = text.unicodeScalars
            var start = scalars.startIndex
            var word = Place.between
            for index in scalars.indices {
                let next = place(scalars[index])
                if next != word || next == .alone {
                    if word != .between { pieces.append(Substring(scalars[start..<index])) }
                    start = index
                    word = next
                }
            }
            if word != .between { pieces.append(Substring(scalars[start...])) }
        }
    }
}
