/// A class of scalars that a regular expression can name, as Unicode 16 defines it.
///
/// That is the Unicode of the reference's regular expressions. It is spelled here and not left to
/// the library that does the search, whose tables are those of its own day and whose white space
/// has one scalar more.
enum ScalarClass: Hashable, Sendable {
    /// `\s`
    case whitespace
    /// `\d`
    case digit
    /// `\w`
    case word
    /// `\p{…}`, by the name of a general category or the letter that several of them share.
    case category(String)

    /// What the reference knows of Unicode.
    static let age: Unicode.Version = (16, 0)

    /// The class of a property's name, or `nil` where a pattern may not use it.
    init?(property name: String) {
        // No text contains a surrogate, and a class needs a scalar.
        guard Unicode.GeneralCategory.names.contains(where: { $0.hasPrefix(name) }),
            !name.isEmpty, name != "Cs"
        else { return nil }
        self = .category(name)
    }

    /// Whether the class holds a scalar.
    func contains(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        let isKnown = (properties.age ?? (.max, 0)) <= Self.age
        // What came later is unassigned to the reference.
        let category = isKnown ? properties.generalCategory : .unassigned
        switch self {
        case .whitespace: return properties.isWhitespace
        case .digit: return category == .decimalNumber
        case .word:
            return isKnown && properties.isAlphabetic
                || ["M", "Nd", "Pc"].contains { category.name.hasPrefix($0) }
        case .category(let name): return category.name.hasPrefix(name)
        }
    }

    /// The scalars of the class, as ranges in ascending order.
    ///
    /// - Parameters:
    ///   - isNegated: whether it is the scalars that the class does not hold.
    ///   - oldest: only scalars that Unicode assigned after this version.
    /// - Returns: ranges that do not touch.
    func ranges(
        isNegated: Bool = false,
        after oldest: Unicode.Version? = nil
    ) -> [ClosedRange<UInt32>] {
        var ranges: [ClosedRange<UInt32>] = []
        for scalar in (0...UInt32(0x10FFFF)).compactMap(Unicode.Scalar.init)
        where contains(scalar) != isNegated {
            if let oldest, (scalar.properties.age ?? (.max, 0)) <= oldest { continue }
            if let last = ranges.last, last.upperBound + 1 == scalar.value {
                ranges[ranges.count - 1] = last.lowerBound...scalar.value
            } else {
                ranges.append(scalar.value...scalar.value)
            }
        }
        return ranges
    }
}

extension Unicode.GeneralCategory {
    /// The names of all categories.
    fileprivate static let names: [String] = [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe",
        "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn",
    ]

    /// The name that regular expressions give the category.
    fileprivate var name: String {
        switch self {
        case .uppercaseLetter: "Lu"
        case .lowercaseLetter: "Ll"
        case .titlecaseLetter: "Lt"
        case .modifierLetter: "Lm"
        case .otherLetter: "Lo"
        case .nonspacingMark: "Mn"
        case .spacingMark: "Mc"
        case .enclosingMark: "Me"
        case .decimalNumber: "Nd"
        case .letterNumber: "Nl"
        case .otherNumber: "No"
        case .connectorPunctuation: "Pc"
        case .dashPunctuation: "Pd"
        case .openPunctuation: "Ps"
        case .closePunctuation: "Pe"
        case .initialPunctuation: "Pi"
        case .finalPunctuation: "Pf"
        case .otherPunctuation: "Po"
        case .mathSymbol: "Sm"
        case .currencySymbol: "Sc"
        case .modifierSymbol: "Sk"
        case .otherSymbol: "So"
        case .spaceSeparator: "Zs"
        case .lineSeparator: "Zl"
        case .paragraphSeparator: "Zp"
        case .control: "Cc"
        case .format: "Cf"
        case .surrogate: "Cs"
        case .privateUse: "Co"
        case .unassigned: "Cn"
        @unknown default: "Cn"
        }
    }
}
