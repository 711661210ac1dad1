extension NormalizationForm: Normalizer {
    func normalize(_ text: String) -> String {
        String(applied(to: Array(text.unicodeScalars)))
    }
}

/// Lower case scalar by scalar, so that a final sigma is a sigma like any other.
struct Lowercase: Normalizer {
    func normalize(_ text: String) -> String {
        String(Self.lowercased(Array(text.unicodeScalars)))
    }

    static func lowercased(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(scalars.count)
        for scalar in scalars {
            if ("A"..."Z").contains(scalar) {
                result.append(Unicode.Scalar(UInt8(scalar.value) | 0x20))
            } else if scalar.isASCII {
                result.append(scalar)
            } else {
                result += scalar.properties.lowercaseMapping.unicodeScalars
            }
        }
        return result
    }
}

/// Removes combining marks; accents of composed letters stay, unless NFD comes before.
struct StripAccents: Normalizer {
    func normalize(_ text: String) -> String {
        String(text.unicodeScalars.filter { !$0.isAny(of: .mark) })
    }
}
