/// A set of byte strings with an id each, which is searched along a text byte by byte.
///
/// Keys are UTF-8 rather than `String`, which would take canonically equivalent tokens for one.
struct Trie: Sendable {
    /// A place between two bytes of the keys that lead there.
    typealias Node = Int

    /// The place before the first byte.
    static let root: Node = 0

    /// By node, the id of the key that ends there, or -1.
    private var ids: [Int32] = [-1]
    /// The first step of every key, by its byte, or -1; most searches end here.
    private var first = [Int](repeating: -1, count: 256)
    /// All further steps, by node and byte.
    private var further: [UInt64: Node] = [:]

    /// Gives a key an id, replacing the one it has.
    mutating func insert(_ key: some StringProtocol, id: Int32) {
        var node = Self.root
        for byte in key.utf8 {
            if let next = step(from: node, along: byte) {
                node = next
                continue
            }
            let next = ids.count
            ids.append(-1)
            if node == Self.root {
                first[Int(byte)] = next
            } else {
                further[Self.edge(node, byte)] = next
            }
            node = next
        }
        ids[node] = id
    }

    /// The id of a key, or `nil` where the set does not hold it.
    func id(of key: some StringProtocol) -> Int32? {
        node(after: key).flatMap { ids[$0] < 0 ? nil : ids[$0] }
    }

    /// The place that a prefix of keys leads to, or `nil` where no key has it.
    func node(after prefix: some StringProtocol) -> Node? {
        var node = Self.root
        for byte in prefix.utf8 {
            guard let next = step(from: node, along: byte) else { return nil }
            node = next
        }
        return node
    }

    /// The longest key that begins at a place of a text.
    ///
    /// - Parameters:
    ///   - text: the bytes that are searched.
    ///   - start: the position of the first byte.
    ///   - root: where the search begins; after a prefix, the key found is the prefix and the text.
    /// - Returns: the key's id and the position after its last byte, at least one byte further, or
    ///   `nil` where no key begins there.
    func longestMatch(
        in text: borrowing Span<UInt8>,
        at start: Int,
        from root: Node = Trie.root
    ) -> (id: Int32, end: Int)? {
        var match: (id: Int32, end: Int)?
        var node = root
        var position = start
        while position < text.count, let next = step(from: node, along: text[position]) {
            node = next
            position += 1
            if ids[node] >= 0 { match = (ids[node], position) }
        }
        return match
    }

    private func step(from node: Node, along byte: UInt8) -> Node? {
        guard node == Self.root else { return further[Self.edge(node, byte)] }
        let next = first[Int(byte)]
        return next < 0 ? nil : next
    }

    private static func edge(_ node: Node, _ byte: UInt8) -> UInt64 {
        UInt64(node) << 8 | UInt64(byte)
    }
}
