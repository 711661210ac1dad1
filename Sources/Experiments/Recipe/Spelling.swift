/// Finds the name that was probably meant.
enum Spelling {
    /// The candidate nearest to a word, if it is near enough to be a slip.
    ///
    /// Case, and hyphens for underscores, cost nothing; a word that begins or ends another by three
    /// letters or more is near it. Ties go to the first in alphabetical order.
    static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        let folded = fold(word)
        let limit = max(1, min(3, folded.count / 3))
        var best: (rank: Int, candidate: String)?
        for candidate in candidates.sorted() {
            let name = fold(candidate)
            let isPart =
                min(name.count, folded.count) >= 3
                && (name.starts(with: folded) || folded.starts(with: name)
                    || name.reversed().starts(with: folded.reversed())
                    || folded.reversed().starts(with: name.reversed()))
            guard isPart || abs(name.count - folded.count) <= limit else { continue }
            let distance = distance(folded, name)
            guard isPart || distance <= limit else { continue }
            // A part of a word is less likely meant than a word with one slip in it.
            let rank = isPart ? min(distance, 2) : distance
            if rank < best?.rank ?? .max { best = (rank, candidate) }
        }
        return best?.candidate
    }

    private static func fold(_ word: String) -> [Character] {
        word.lowercased().map { $0 == "-" ? "_" : $0 }
    }

    /// How many letters to insert, delete, replace or swap with their neighbour.
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var (older, old) = ([Int](), Array(0...b.count))
        for i in a.indices {
            var new = [i + 1]
            for j in b.indices {
                var cost = min(old[j + 1] + 1, new[j] + 1, old[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    cost = min(cost, older[j - 1] + 1)
                }
                new.append(cost)
            }
            (older, old) = (old, new)
        }
        return old[b.count]
    }
}
