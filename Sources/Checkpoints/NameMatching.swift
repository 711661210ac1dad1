/// Which parameter of one model is which of another, although their names differ a little.
///
/// A bare encoder and the classifier that was fine-tuned from it differ by a leading component
/// (`encoder.layer.0…`, `bert.encoder.layer.0…`), and old files call the weight and bias of a layer
/// normalisation `gamma` and `beta`. Equal names are always matched first; then the one prefix, on
/// one side, that adds most matches. What has no partner is listed: buffers, heads.
public struct NameMatching: Sendable, Equatable {
    /// The available name of each wanted one that has a partner.
    public let matches: [String: String]
    /// The wanted names without a partner, in their order.
    public let unmatchedWanted: [String]
    /// The available names without a partner, in their order.
    public let unmatchedAvailable: [String]

    /// Matches the names that are wanted, such as the base model's, to those that are available,
    /// such as an expert's.
    public init(wanted: [String], available: [String]) {
        var alternatives: [(wanted: String?, available: String?)] = [(nil, nil)]
        alternatives += Self.prefixes(of: available).map { (nil, $0) }
        alternatives += Self.prefixes(of: wanted).map { ($0, nil) }
        var best: [String: String] = [:]
        for alternative in alternatives {
            let found = Self.match(
                wanted,
                available,
                without: alternative.wanted,
                alternative.available
            )
            // The first of equals wins: no prefix before any, frequent ones before rare ones.
            if found.count > best.count { best = found }
        }
        matches = best
        unmatchedWanted = wanted.filter { best[$0] == nil }
        let taken = Set(best.values)
        unmatchedAvailable = available.filter { !taken.contains($0) }
    }
}

extension NameMatching {
    private static func match(
        _ wanted: [String],
        _ available: [String],
        without wantedPrefix: String?,
        _ availablePrefix: String?
    ) -> [String: String] {
        var matches: [String: String] = [:]
        var free = Set(available)
        // Equal names first, so that a shortened name never takes the partner of another.
        for name in wanted where free.remove(name) != nil { matches[name] = name }

        var partners: [String: String] = [:]
        for name in available where free.contains(name) {
            let short = shortened(name, by: availablePrefix)
            partners[short] = partners[short] ?? name
        }
        for name in wanted where matches[name] == nil {
            let short = shortened(name, by: wantedPrefix)
            for candidate in spellings(of: short) {
                if let partner = partners.removeValue(forKey: candidate) {
                    matches[name] = partner
                    break
                }
            }
        }
        return matches
    }

    /// The first components of names, the most frequent first.
    ///
    /// No more than a few: a file of a million prefixes has no common one.
    private static func prefixes(of names: [String]) -> [String] {
        var counts: [String: Int] = [:]
        for name in names {
            if let dot = name.firstIndex(of: "."), dot > name.startIndex {
                counts[String(name[...dot]), default: 0] += 1
            }
        }
        let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return sorted.prefix(16).map(\.key)
    }

    private static func shortened(_ name: String, by prefix: String?) -> String {
        guard let prefix, name.hasPrefix(prefix) else { return name }
        return String(name.dropFirst(prefix.count))
    }

    /// The name, and what it is called where normalisations have the other pair of words.
    private static func spellings(of name: String) -> [String] {
        for (old, new) in [(".gamma", ".weight"), (".beta", ".bias")] {
            if name.hasSuffix(old) { return [name, name.dropLast(old.count) + new] }
            if name.hasSuffix(new) { return [name, name.dropLast(new.count) + old] }
        }
        return [name]
    }
}
