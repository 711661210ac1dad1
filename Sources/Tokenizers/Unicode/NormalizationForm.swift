/// One of Unicode's four normalization forms, as Unicode 9 defines it.
///
/// The algorithm is that of Unicode Standard Annex 15. It is written out because Foundation on
/// Linux composes wrongly (Hangul syllables, scalars above U+FFFF) and misplaces some marks.
enum NormalizationForm: Sendable {
    case nfc, nfd, nfkc, nfkd

    /// Scalars in this form.
    func applied(to scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        guard scalars.contains(where: { $0.value >= firstAffected }) else { return scalars }
        switch self {
        case .nfc: return composed(decomposed(scalars, by: .canonical))
        case .nfd: return decomposed(scalars, by: .canonical)
        case .nfkc: return composed(decomposed(scalars, by: .compatible))
        case .nfkd: return decomposed(scalars, by: .compatible)
        }
    }

    /// The lowest scalar that the form changes, or that changes its neighbours.
    private var firstAffected: UInt32 {
        switch self {
        case .nfc: 0x300
        case .nfd: 0xC0
        case .nfkc, .nfkd: 0xA0
        }
    }

    /// Scalars taken apart, with marks in the order of their classes.
    private func decomposed(
        _ scalars: [Unicode.Scalar],
        by decompositions: Decompositions
    ) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(scalars.count + scalars.count / 4)
        for scalar in scalars {
            if scalar.value < 0xA0 {
                result.append(scalar)
            } else if let syllable = Hangul.decomposition(of: scalar) {
                result += syllable
            } else if let decomposition = decompositions[scalar] {
                result += decomposition
            } else {
                result.append(scalar)
            }
        }
        var start = 0
        while start < result.count {
            guard result[start].traits.combiningClass > 0 else {
                start += 1
                continue
            }
            let end = result[start...].firstIndex { $0.traits.combiningClass == 0 } ?? result.count
            if end - start > 1 {
                // The sort is stable: marks of one class keep their order.
                result[start..<end].sort { $0.traits.combiningClass < $1.traits.combiningClass }
            }
            start = end
        }
        return result
    }

    /// Decomposed scalars put together where one scalar stands for two.
    private func composed(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        let compositions = Compositions.all
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(scalars.count)
        var starter: Int?
        // The class of the last scalar after the starter; 0 where there is none.
        var lastClass: UInt8 = 0
        for scalar in scalars {
            let combiningClass = scalar.traits.combiningClass
            if let starter, lastClass == 0 || lastClass < combiningClass,
                let composite = compositions[result[starter], scalar]
            {
                result[starter] = composite
                continue
            }
            if combiningClass == 0 { starter = result.count }
            lastClass = combiningClass
            result.append(scalar)
        }
        return result
    }
}
