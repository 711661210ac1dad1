extension NormalizationForm: Normalizer {
    func normalize(_ text: String) -> String {
        applied(to: text)
    }
}

/// Lower case scalar by scalar, so that a final sigma is a sigma like any other.
struct Lowercase: Normalizer {
    func normalize(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            if ("A"..."Z").contains(scalar) {
                result.unicodeScalars.append(Unicode.Scalar(UInt8(scalar.value) | 0x20))
            } else if scalar.isASCII {
                result.unicodeScalars.append(scalar)
            } else {
                result += scalar.properties.lowercaseMapping
            }
        }
        return result
    }
}

/// Removes combining marks; accents of composed letters stay, unless NFD comes before.
struct StripAccents: Normalizer {
    func normalize(_ text: String) -> String {
        var text = text
        text.unicodeScalars.removeAll { !$0.isASCII && $0.isReferenceMark }
        return text
    }
}

/// Several normalizers, one after the other.
struct NormalizerSequence: Normalizer {
    let normalizers: [any Normalizer]

    init(_ configuration: Configuration) throws {
        normalizers = try configuration.required("normalizers", expected: "a list")
            .elements().map { try Normalizers.all.component($0) }
    }

    func normalize(_ text: String) -> String {
        normalizers.reduce(text) { text, normalizer in normalizer.normalize(text) }
    }
}
