internal import Foundation

/// What scalars are taken apart into, all the way, as of Unicode 9.
///
/// What Unicode says of an assigned scalar here it never changes, so the reference's tables are
/// those of Foundation without the scalars assigned since. Foundation is asked for single scalars
/// only, where it is right. Hangul syllables have a rule of their own and are not in the table.
struct Decompositions: Sendable {
    /// Decompositions into canonically equivalent scalars.
    static let canonical = Decompositions { $0.decomposedStringWithCanonicalMapping }
    /// Decompositions that lose a difference of style too, as between ﬁ and fi.
    static let compatible = Decompositions { $0.decomposedStringWithCompatibilityMapping }

    private let table: [Unicode.Scalar: [Unicode.Scalar]]

    /// Outside of these blocks nothing is decomposed.
    private static let blocks: [ClosedRange<UInt32>] = [
        0xA0...0x33FF, 0xA640...0xABFF, 0xF900...0xFFFF, 0x11000...0x115FF, 0x1D100...0x1D7FF,
        0x1EE00...0x1F2FF, 0x2F800...0x2FA1F,
    ]

    private init(_ decompose: (String) -> String) {
        var table: [Unicode.Scalar: [Unicode.Scalar]] = [:]
        for scalar in Self.blocks.joined().lazy.compactMap(Unicode.Scalar.init)
        where scalar.properties.age ?? (Int.max, 0) <= (9, 0) {
            let decomposition = Array(decompose(String(Character(scalar))).unicodeScalars)
            if decomposition != [scalar] { table[scalar] = decomposition }
        }
        self.table = table
    }

    /// What a scalar is taken apart into, or `nil` where it stays whole.
    subscript(scalar: Unicode.Scalar) -> [Unicode.Scalar]? {
        table[scalar]
    }

    /// All scalars that are taken apart, short decompositions first.
    var sorted: [(scalar: Unicode.Scalar, decomposition: [Unicode.Scalar])] {
        table.sorted { ($0.value.count, $0.key) < ($1.value.count, $1.key) }
            .map { ($0.key, $0.value) }
    }
}
