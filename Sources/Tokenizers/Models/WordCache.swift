internal import Synchronization

/// The tokens of words that were encoded before, which any number of threads may share.
///
/// It holds 10,000 words of up to 255 bytes, the first that come: in a text in any language these
/// are most of its words.
final class WordCache: Sendable {
    /// A word by its bytes: canonically equivalent words have different tokens.
    private struct Key: Hashable {
        let word: String

        static func == (left: Key, right: Key) -> Bool {
            left.word.isIdentical(to: right.word)
        }

        func hash(into hasher: inout Hasher) {
            for byte in word.utf8 { hasher.combine(byte) }
        }
    }

    private let words = Mutex<[Key: [Int32]]>([:])

    private static let capacity = 10_000
    private static let longest = 255

    /// The tokens of a word that is known.
    func ids(of word: Substring) -> [Int32]? {
        guard word.utf8.count <= Self.longest else { return nil }
        let key = Key(word: String(word))
        return words.withLock { $0[key] }
    }

    /// Remembers the tokens of a word where there is room for it.
    func insert(_ ids: [Int32], for word: Substring) {
        guard word.utf8.count <= Self.longest else { return }
        let key = Key(word: String(word))
        words.withLock { words in
            if words.count < Self.capacity { words[key] = ids }
        }
    }
}
