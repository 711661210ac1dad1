import Foundation

/// One of Unicode's four normalization forms, as Unicode 9 defines it.
///
/// What Unicode does to an assigned scalar it never changes, so the only difference between the
/// reference's tables and Foundation's are the scalars assigned since: to the reference these are
/// letters without decomposition, at which nothing is reordered or composed.
enum NormalizationForm: Sendable {
    case nfc, nfd, nfkc, nfkd

    /// A text in this form.
    func applied(to text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.value >= firstAffected }) else {
            return text
        }
        var result = ""
        var rest = text.unicodeScalars[...]
        while let unknown = rest.firstIndex(where: { !isKnown($0) }) {
            result += mapping(String(rest[..<unknown]))
            result.unicodeScalars.append(rest[unknown])
            rest = rest[rest.index(after: unknown)...]
        }
        return result.isEmpty ? mapping(text) : result + mapping(String(rest))
    }

    /// The lowest scalar that the form changes, or that changes its neighbours.
    private var firstAffected: UInt32 {
        switch self {
        case .nfc: 0x300
        case .nfd: 0xC0
        case .nfkc, .nfkd: 0xA0
        }
    }

    private func isKnown(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII || scalar.isAssigned(by: (9, 0))
    }

    private func mapping(_ text: String) -> String {
        switch self {
        case .nfc: text.precomposedStringWithCanonicalMapping
        case .nfd: text.decomposedStringWithCanonicalMapping
        case .nfkc: text.precomposedStringWithCompatibilityMapping
        case .nfkd: text.decomposedStringWithCompatibilityMapping
        }
    }
}
