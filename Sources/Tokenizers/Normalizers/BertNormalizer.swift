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
        var scalars = Array(text.unicodeScalars)
        if cleansText { clean(&scalars) }
        if separatesChinese, scalars.contains(where: \.isChinese) {
            scalars = scalars.flatMap { $0.isChinese ? [" ", $0, " "] : [$0] }
        }
        if stripsAccents {
            scalars = NormalizationForm.nfd.applied(to: scalars)
            scalars.removeAll { $0.isAny(of: .nonspacingMark) }
        }
        return String(lowercases ? Lowercase.lowercased(scalars) : scalars)
    }

    /// Removes control characters and makes all white space spaces.
    private func clean(_ scalars: inout [Unicode.Scalar]) {
        scalars.removeAll { scalar in
            switch scalar {
            case "\t", "\n", "\r": false
            case "\u{FFFD}": true
            default: scalar.isAny(of: .other)
            }
        }
        for index in scalars.indices where scalars[index].isAny(of: .whitespace) {
            scalars[index] = " "
        }
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
}
