/// Changes a text before it is split: case, accents, white space, normalization forms.
protocol Normalizer: Sendable {
    /// A text after the change.
    ///
    /// - Throws: where a pattern of the file cannot be searched for in this text.
    func normalize(_ text: String) throws -> String
}

/// The normalizers by the `type` they have in `tokenizer.json`.
enum Normalizers {
    static let all: ComponentTable<any Normalizer> = [
        "BertNormalizer": BertNormalizer.init,
        "Lowercase": { _ in Lowercase() },
        "NFC": { _ in NormalizationForm.nfc },
        "NFD": { _ in NormalizationForm.nfd },
        "NFKC": { _ in NormalizationForm.nfkc },
        "NFKD": { _ in NormalizationForm.nfkd },
        "Replace": Replace.init,
        "Sequence": NormalizerSequence.init,
        "StripAccents": { _ in StripAccents() },
    ]
}
