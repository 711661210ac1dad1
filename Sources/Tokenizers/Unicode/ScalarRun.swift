/// Neighbouring scalars that Unicode 16 does not tell apart.
///
/// A few thousand runs are all of Unicode, so that a class is put together in no time.
struct ScalarRun: Sendable {
    private(set) var scalars: ClosedRange<UInt32>
    /// The general category as regular expressions call it, `Cn` for what is not assigned.
    let category: String
    /// The version that assigned the scalars; for those that none has, one beyond all.
    let age: Unicode.Version
    let isWhitespace: Bool
    let isAlphabetic: Bool

    /// The version that the runs describe.
    static let version: Unicode.Version = (16, 0)

    /// The runs of all scalars but surrogates, in ascending order.
    static let all: [ScalarRun] = {
        // Version 16 assigns nothing in planes 4 to 13, a few tags at the beginning of plane 14 and
        // all but the last two scalars of planes 15 and 16 for private use.
        let detailed = [0..<UInt32(0x40000), 0xE0000..<0xE1000].joined()
        let uniform: [UInt32] = [
            0x40000, 0xE0000, 0xE1000, 0xF0000, 0xFFFFE, 0x100000, 0x10FFFE, 0x110000,
        ]
        var runs: [ScalarRun] = []
        for scalar in detailed.compactMap(Unicode.Scalar.init) {
            let run = ScalarRun(scalar.value...scalar.value, like: scalar)
            if let last = runs.last, last.continues(with: run) {
                runs[runs.count - 1].scalars = last.scalars.lowerBound...scalar.value
            } else {
                runs.append(run)
            }
        }
        for (lower, next) in zip(uniform, uniform.dropFirst()) where lower != 0xE0000 {
            guard let scalar = Unicode.Scalar(lower) else { continue }
            runs.append(ScalarRun(lower...next - 1, like: scalar))
        }
        return runs.sorted { $0.scalars.lowerBound < $1.scalars.lowerBound }
    }()

    /// A run that is like one of its scalars.
    private init(_ scalars: ClosedRange<UInt32>, like scalar: Unicode.Scalar) {
        self.scalars = scalars
        let properties = scalar.properties
        let age = properties.age ?? (.max, 0)
        let isKnown = age <= Self.version
        self.age = isKnown ? age : (.max, 0)
        // Version 17 moved this letter, a glottal stop, to those without case.
        let category = scalar == "\u{295}" ? "Ll" : properties.generalCategory.name
        self.category = isKnown ? category : "Cn"
        isWhitespace = isKnown && properties.isWhitespace
        isAlphabetic = isKnown && properties.isAlphabetic
    }

    /// Whether another run that begins where this one ends is like it.
    private func continues(with next: ScalarRun) -> Bool {
        scalars.upperBound + 1 == next.scalars.lowerBound && category == next.category
            && age == next.age && isWhitespace == next.isWhitespace
            && isAlphabetic == next.isAlphabetic
    }
}

extension Unicode.GeneralCategory {
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
