extension Sequence where Element: Hashable {
    /// Every element once, in the order of the first of its kind.
    var unique: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
