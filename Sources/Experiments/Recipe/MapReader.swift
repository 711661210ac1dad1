internal import OrderedCollections

/// A map of a recipe being read: it remembers which keys were asked for, and the rest are unknown.
///
/// So the keys that a message lists are those that the code reads, without a second list of them.
/// A class, because asking for a key is remembered.
final class MapReader {
    let path: DocumentPath
    let origin: DocumentOrigin
    let reading: RecipeReading
    private let entries: OrderedDictionary<String, DocumentValue.Entry>
    /// The keys that were asked for.
    private(set) var known: Set<String> = []

    init(_ entries: OrderedDictionary<String, DocumentValue.Entry>, at value: ValueReader) {
        self.entries = entries
        path = value.path
        origin = value.value.origin
        reading = value.reading
    }

    /// The map under a key, or one without keys where there is none.
    func map(_ key: String) -> MapReader? {
        if let value = self[key] { return value.map() }
        let content = DocumentValue(content: .map([:]), origin: origin)
        return ValueReader(value: content, path: path.appending(key), reading: reading).map()
    }

    /// Whether a key is there, without asking for it.
    func has(_ key: String) -> Bool {
        entries[key] != nil
    }

    /// The value of a key; a key without a value is as good as none.
    subscript(key: String) -> ValueReader? {
        known.insert(key)
        guard let entry = entries[key], !entry.value.isNull else { return nil }
        return ValueReader(value: entry.value, path: path.appending(key), reading: reading)
    }

    /// The value of a key that must be there.
    func required(_ key: String) -> ValueReader? {
        if let value = self[key] { return value }
        reading.report(.missingKey(key), at: path, origin)
        return nil
    }

    /// The keys that were not asked for yet, in their order.
    var unread: [String] {
        entries.keys.filter { !known.contains($0) }
    }

    /// Accepts a key that makes no difference here.
    func ignore(_ key: String) {
        known.insert(key)
    }

    /// Reports every key that was not asked for.
    ///
    /// - Parameter homes: keys that are known elsewhere, and the path of where; an empty path is
    ///   the recipe itself.
    func finish(homes: [String: String] = [:]) {
        for key in unread {
            guard let entry = entries[key] else { continue }
            if let home = homes[key] {
                reading.report(.misplacedKey(key, home: home), at: path, entry.origin)
            } else {
                let nearest = Spelling.nearest(to: key, among: known)
                let fact = RecipeFact.unknownKey(key, nearest: nearest, known: Array(known))
                reading.report(fact, at: path, entry.origin)
            }
        }
    }

    /// Finishes a recipe and its `parameters`, telling the keys of one that stand in the other.
    func finish(with parameters: MapReader?) {
        let above = Dictionary(uniqueKeysWithValues: known.map { ($0, "") })
        let below = (parameters?.known ?? []).map { ($0, "parameters") }
        parameters?.finish(homes: above)
        finish(homes: Dictionary(uniqueKeysWithValues: below))
    }
}
