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
    /// `\w` between brackets, which is what Unicode calls a word.
    case bracketedWord
    /// `\p{…}`, by the name of a general category or the letter that several of them share.
    case category(String)

    /// The class of a property's name, or `nil` where a pattern may not use it.
    init?(property name: String) {
        guard !name.isEmpty,
            ScalarRun.all.contains(where: { $0.category.hasPrefix(name) })
        else { return nil }
        self = .category(name)
    }

    /// The scalars of the class, as ranges in ascending order.
    ///
    /// - Parameters:
    ///   - isNegated: whether it is the scalars that the class does not hold.
    ///   - oldest: only scalars that Unicode assigned after this version.
    /// - Returns: ranges that do not touch.
    func ranges(
        isNegated: Bool = false,
        after oldest: Unicode.Version = (0, 0)
    ) -> [ClosedRange<UInt32>] {
        var ranges: [ClosedRange<UInt32>] = []
        for run in ScalarRun.all where holds(run) != isNegated && run.age > oldest {
            if let last = ranges.last, last.upperBound + 1 == run.scalars.lowerBound {
                ranges[ranges.count - 1] = last.lowerBound...run.scalars.upperBound
            } else {
                ranges.append(run.scalars)
            }
        }
        return ranges
    }

    private func holds(_ run: ScalarRun) -> Bool {
        switch self {
        case .whitespace: run.isWhitespace
        case .digit: run.category == "Nd"
        case .word:
            // Oniguruma has a table of its own for Latin-1, where ² and ½ are in words.
            Self.bracketedWord.holds(run)
                || run.category == "No" && run.scalars.upperBound < 0x100
        case .bracketedWord:
            run.isAlphabetic || run.category.hasPrefix("M") || run.category == "Nd"
                || run.category == "Pc"
        case .category(let name): run.category.hasPrefix(name)
        }
    }
}
