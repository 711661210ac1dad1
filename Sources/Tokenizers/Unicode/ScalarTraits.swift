/// What the reference implementation knows about a scalar.
///
/// The Rust crate asks libraries that each carry the Unicode tables of their day: categories are
/// those of Unicode 8, combining marks and their order those of Unicode 9, `\w` that of Unicode 16.
/// A scalar assigned later belongs to no class there, and the few scalars that changed their
/// category since are listed here. White space and lower case are current in both.
struct ScalarTraits: Sendable {
    /// The classes a scalar can belong to.
    struct Classes: OptionSet, Sendable {
        let rawValue: UInt8

        /// Control and format characters and those for private use, but not unassigned ones,
        /// whatever the reference's comments say.
        static let other = Classes(rawValue: 1)
        /// Punctuation, and the symbols of ASCII.
        static let punctuation = Classes(rawValue: 2)
        /// Marks that take no space: accents in the sense of BERT.
        static let nonspacingMark = Classes(rawValue: 4)
        /// Marks of any kind.
        static let mark = Classes(rawValue: 8)
        /// What `\w` matches.
        static let word = Classes(rawValue: 16)
        /// White space.
        static let whitespace = Classes(rawValue: 32)
    }

    let classes: Classes
    /// The place of a mark among the marks after one letter; 0 for what is no such mark.
    let combiningClass: UInt8

    /// The traits of the basic plane, where a text asks for several of them at every scalar.
    fileprivate static let basic = (0..<UInt32(0x10000)).map { value in
        Unicode.Scalar(value).map { ScalarTraits($0) } ?? ScalarTraits()
    }

    /// The traits of a surrogate, which no text contains.
    private init() {
        classes = []
        combiningClass = 0
    }

    fileprivate init(_ scalar: Unicode.Scalar) {
        let properties = scalar.properties
        let category = properties.generalCategory
        let age = properties.age ?? (Int.max, 0)
        var classes: Classes = []
        if age <= (8, 0) {
            if category.isOther { classes.insert(.other) }
            if category.isPunctuation { classes.insert(.punctuation) }
            if category == .nonspacingMark { classes.insert(.nonspacingMark) }
        }
        if age <= (9, 0), category.isMark { classes.insert(.mark) }
        if age <= (16, 0) {
            switch category {
            case .decimalNumber, .connectorPunctuation: classes.insert(.word)
            default:
                if category.isMark || properties.isAlphabetic || properties.isJoinControl {
                    classes.insert(.word)
                }
            }
        }
        if properties.isWhitespace { classes.insert(.whitespace) }
        self.classes = Self.corrected(classes, of: scalar)
        combiningClass = age <= (9, 0) ? properties.canonicalCombiningClass.rawValue : 0
    }

    /// The classes of ASCII symbols, and those that a scalar had before it changed its category.
    private static func corrected(_ classes: Classes, of scalar: Unicode.Scalar) -> Classes {
        switch scalar {
        case "$", "+", "<"...">", "^", "`", "|", "~", "\u{166D}": classes.union(.punctuation)
        case "\u{1734}", "\u{1171E}": classes.union(.nonspacingMark)
        case "\u{1885}", "\u{1886}", "\u{A9BD}": classes.subtracting(.nonspacingMark)
        case "\u{1CF2}", "\u{1CF3}": classes.union(.mark)
        case "\u{111C9}": classes.subtracting([.nonspacingMark, .mark]).union(.punctuation)
        default: classes
        }
    }
}

extension Unicode.Scalar {
    /// What the reference knows about the scalar.
    var traits: ScalarTraits {
        value < 0x10000 ? ScalarTraits.basic[Int(value)] : ScalarTraits(self)
    }

    /// Whether the scalar belongs to any of some classes.
    func isAny(of classes: ScalarTraits.Classes) -> Bool {
        !traits.classes.isDisjoint(with: classes)
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
}

extension Unicode.GeneralCategory {
    fileprivate var isOther: Bool {
        switch self {
        case .control, .format, .privateUse: true
        default: false
        }
    }

    fileprivate var isPunctuation: Bool {
        switch self {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
            .initialPunctuation, .finalPunctuation, .otherPunctuation:
            true
        default: false
        }
    }

    fileprivate var isMark: Bool {
        switch self {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }
}
