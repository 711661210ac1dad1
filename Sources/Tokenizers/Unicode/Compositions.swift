/// The scalars that stand for two others in the composed forms.
struct Compositions: Sendable {
    static let all = Compositions()

    private struct Pair: Hashable {
        let first: Unicode.Scalar
        let second: Unicode.Scalar
    }

    private var table: [Pair: Unicode.Scalar] = [:]

    /// Collects the canonical decompositions that may be undone.
    private init() {
        for (scalar, decomposition) in Decompositions.canonical.sorted
        where decomposition.count > 1 && !scalar.properties.isFullCompositionExclusion {
            // Of a decomposition into three or more, all but the last are one scalar already, for
            // shorter decompositions come first.
            var first = decomposition[0]
            for second in decomposition.dropFirst().dropLast() {
                first = self[first, second] ?? first
            }
            table[Pair(first: first, second: decomposition[decomposition.count - 1])] = scalar
        }
    }

    /// The scalar that stands for two.
    subscript(first: Unicode.Scalar, second: Unicode.Scalar) -> Unicode.Scalar? {
        Hangul.composition(of: first, and: second) ?? table[Pair(first: first, second: second)]
    }
}

/// Korean syllables, which are composed by arithmetic (Unicode Standard, section 3.12).
enum Hangul {
    private static let syllables: UInt32 = 0xAC00
    private static let leading: UInt32 = 0x1100
    private static let vowels: UInt32 = 0x1161
    /// One before the first trailing consonant: a syllable may have none.
    private static let trailing: UInt32 = 0x11A7
    private static let leadingCount: UInt32 = 19
    private static let vowelCount: UInt32 = 21
    private static let trailingCount: UInt32 = 28

    /// The two or three letters of a syllable.
    static func decomposition(of scalar: Unicode.Scalar) -> [Unicode.Scalar]? {
        guard
            let index = index(
                of: scalar,
                from: syllables,
                leadingCount * vowelCount * trailingCount
            )
        else { return nil }
        let (block, last) = index.quotientAndRemainder(dividingBy: trailingCount)
        let (first, middle) = block.quotientAndRemainder(dividingBy: vowelCount)
        let letters = [leading + first, vowels + middle] + (last > 0 ? [trailing + last] : [])
        return letters.compactMap(Unicode.Scalar.init)
    }

    /// The syllable of a leading consonant and a vowel, or of these two and a trailing consonant.
    static func composition(
        of first: Unicode.Scalar,
        and second: Unicode.Scalar
    ) -> Unicode.Scalar? {
        if let consonant = index(of: first, from: leading, leadingCount),
            let vowel = index(of: second, from: vowels, vowelCount)
        {
            return Unicode.Scalar(syllables + (consonant * vowelCount + vowel) * trailingCount)
        }
        if let syllable = index(
            of: first,
            from: syllables,
            leadingCount * vowelCount * trailingCount
        ),
            syllable % trailingCount == 0,
            let last = index(of: second, from: trailing, trailingCount), last > 0
        {
            return Unicode.Scalar(first.value + last)
        }
        return nil
    }

    private static func index(
        of scalar: Unicode.Scalar,
        from start: UInt32,
        _ count: UInt32
    ) -> UInt32? {
        (start..<start + count).contains(scalar.value) ? scalar.value - start : nil
    }
}
