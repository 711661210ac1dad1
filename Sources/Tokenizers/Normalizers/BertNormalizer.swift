/// BERT's cleaning: control characters, white space, Chinese characters, accents and case.
struct BertNormalizer: Normalizer {
    let cleansText: Bool
    let separatesChinese: Bool
    let stripsAccents: Bool
    let lowercases: Bool

    init(
        cleansText: Bool = true,
        separatesChinese: Bool = true,
        stripsAccents: Bool?,
        lowercases: Bool
    ) {
        self.cleansText = cleansText
        self.separatesChinese = separatesChinese
        // Unless the file says otherwise, a model without case has no accents either.
        self.stripsAccents = stripsAccents ?? lowercases
        self.lowercases = lowercases
    }

    init(_ configuration: Configuration) throws {
        self.init(
            cleansText: try configuration.boolean("clean_text"),
            separatesChinese: try configuration.boolean("handle_chinese_chars"),
            stripsAccents: try configuration.optional("strip_accents")?.boolean(),
            lowercases: try configuration.boolean("lowercase")
        )
    }

    func normalize(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return normalize(ascii: text) }
        var text = text
        if cleansText || separatesChinese { text = cleaned(text) }
        if stripsAccents {
            text = NormalizationForm.nfd.applied(to: text)
            text.unicodeScalars.removeAll { !$0.isASCII && $0.isReferenceNonspacingMark }
        }
        return lowercases ? Lowercase().normalize(text) : text
    }

    /// The text of most inputs, where only controls, white space and case can change.
    private func normalize(ascii text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case 0x9, 0xA, 0xD: bytes.append(cleansText ? 0x20 : byte)
            case 0..<0x20, 0x7F: if !cleansText { bytes.append(byte) }
            case UInt8(ascii: "A")...UInt8(ascii: "Z"):
                bytes.append(lowercases ? byte | 0x20 : byte)
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func cleaned(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if cleansText {
                switch scalar {
                case "\t", "\n", "\r":
                    result.append(" ")
                    continue
                case "\0", "\u{FFFD}": continue
                default: break
                }
                if scalar.isReferenceOther { continue }
                if scalar.isWhitespace {
                    result.append(" ")
                    continue
                }
            }
            if separatesChinese, scalar.isChinese {
                result.append(" ")
                result.append(scalar)
                result.append(" ")
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }
}
