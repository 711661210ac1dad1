/// The classes of scalars as the reference implementation knows them.
///
/// The Rust crate asks libraries that each carry the Unicode tables of their day: categories are
/// those of Unicode 8, combining marks and decompositions those of Unicode 9, `\w` that of
/// Unicode 16. A scalar assigned later belongs to no class there, and the few scalars that changed
/// their category since are listed here. White space and lower case are current in both.
extension Unicode.Scalar {
    /// Whether the scalar is a control or format character or for private use.
    ///
    /// Unassigned scalars are not among them, whatever the reference's comments say.
    var isReferenceOther: Bool {
        switch properties.generalCategory {
        case .control, .format, .privateUse: isAssigned(by: (8, 0))
        default: false
        }
    }

    /// Whether the scalar is punctuation, or one of the symbols of ASCII.
    var isReferencePunctuation: Bool {
        if isASCII {
            switch self {
            case "!"..."/", ":"..."@", "["..."`", "{"..."~": return true
            default: return false
            }
        }
        switch properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
            .initialPunctuation, .finalPunctuation, .otherPunctuation:
            return isAssigned(by: (8, 0))
        case .otherSymbol: return self == "\u{166D}"
        case .nonspacingMark: return self == "\u{111C9}"
        default: return false
        }
    }

    /// Whether the scalar is an accent in the sense of BERT, a mark that takes no space.
    var isReferenceNonspacingMark: Bool {
        switch properties.generalCategory {
        case .nonspacingMark:
            switch self {
            case "\u{1885}", "\u{1886}", "\u{A9BD}", "\u{111C9}": false
            default: isAssigned(by: (8, 0))
            }
        case .spacingMark: self == "\u{1734}" || self == "\u{1171E}"
        default: false
        }
    }

    /// Whether the scalar is a mark of any kind.
    var isReferenceMark: Bool {
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark:
            self != "\u{111C9}" && isAssigned(by: (9, 0))
        case .otherLetter: self == "\u{1CF2}" || self == "\u{1CF3}"
        default: false
        }
    }

    /// Whether the scalar is matched by `\w`.
    var isReferenceWord: Bool {
        if isASCII {
            switch self {
            case "a"..."z", "A"..."Z", "0"..."9", "_": return true
            default: return false
            }
        }
        guard isAssigned(by: (16, 0)) else { return false }
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation:
            return true
        default: return properties.isAlphabetic || properties.isJoinControl
        }
    }

    /// Whether the scalar is white space, in ASCII without looking it up.
    var isWhitespace: Bool {
        isASCII ? self == " " || ("\t"..."\r").contains(self) : properties.isWhitespace
    }

    /// Whether the scalar is in one of the blocks that BERT takes for Chinese.
    var isChinese: Bool {
        switch value {
        case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF,
            0x2A700...0x2B81F, 0x2B920...0x2CEAF, 0x2F800...0x2FA1F:
            true
        default: false
        }
    }

    /// Whether a version of Unicode had assigned the scalar already.
    func isAssigned(by version: Unicode.Version) -> Bool {
        guard let age = properties.age else { return false }
        return age <= version
    }
}
