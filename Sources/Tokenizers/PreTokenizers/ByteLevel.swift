/// Splits as GPT-2 does and spells every byte as a scalar that can be seen.
///
/// Radford et al., "Language models are unsupervised multitask learners", 2019. Bytes that are
/// visible in Latin-1 stand for themselves and the others, in their order, for the scalars from
/// U+0100 on, so that a model whose vocabulary holds the 256 has a token for any text.
struct ByteLevel: PreTokenizer {
    private let addsPrefixSpace: Bool
    private let pattern: RegularExpression?

    private static let words =
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    init(_ configuration: Configuration) throws {
        // It says how offsets into the text are corrected, which no encoding here has.
        _ = try configuration.boolean("trim_offsets")
        try self.init(
            addsPrefixSpace: try configuration.boolean("add_prefix_space"),
            usesPattern: try configuration.optional("use_regex")?.boolean() ?? true
        )
    }

    init(addsPrefixSpace: Bool, usesPattern: Bool) throws {
        self.addsPrefixSpace = addsPrefixSpace
        pattern = usesPattern ? try RegularExpression(Self.words) : nil
    }

    func split(_ pieces: [Piece]) throws -> [Piece] {
        var pieces = pieces
        if addsPrefixSpace {
            pieces = pieces.replacingTexts { text, pieces in
                pieces.append(text.utf8.first == UInt8(ascii: " ") ? text : " " + text)
            }
        }
        guard let pattern else {
            return pieces.replacingTexts { text, pieces in pieces.append(Self.spelling(of: text)) }
        }
        return try pattern.search(pieces) { text, stretches, pieces in
            for part in SplitBehavior.isolated.parts(of: text, stretches: stretches) {
                pieces.append(Self.spelling(of: part))
            }
        }
    }

    // MARK: Bytes

    /// The scalars that stand for the bytes.
    static let scalars: [Unicode.Scalar] = {
        var unseen = UInt32(0x100)
        return (0...UInt8.max).map { byte in
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(byte)
            default:
                defer { unseen += 1 }
                return Unicode.Scalar(unseen) ?? "\u{FFFD}"
            }
        }
    }()

    private static func spelling(of text: Substring) -> Substring {
        Substring(String(text.utf8.map { scalars[Int($0)] }))
    }
}
