/// What a model reads in place of a text, or of a pair of texts.
///
/// All arrays have one entry per token.
public struct Encoding: Hashable, Sendable {
    /// The ids of the tokens.
    public internal(set) var ids: [Int32]
    /// The segment of every token: 0 for the first text, 1 for the second, in most models.
    public internal(set) var typeIDs: [Int32]
    /// 1 where there is a token, 0 where there is padding.
    public internal(set) var attentionMask: [Int32]
    /// 1 for tokens that the tokenizer added, padding among them; 0 for those of the texts.
    public internal(set) var specialTokensMask: [Int32]
    /// The tokens as the vocabulary spells them.
    public internal(set) var tokens: [String]
    /// What was cut off by truncation, in windows of the same length; empty where nothing was.
    public internal(set) var overflowing: [Encoding]

    /// An encoding without tokens.
    init() {
        self.init(ids: [], tokens: [], typeID: 0)
    }

    /// Tokens of one segment.
    init(ids: [Int32], tokens: [String], typeID: Int32, isSpecial: Bool = false) {
        self.ids = ids
        self.tokens = tokens
        typeIDs = Array(repeating: typeID, count: ids.count)
        attentionMask = Array(repeating: 1, count: ids.count)
        specialTokensMask = Array(repeating: isSpecial ? 1 : 0, count: ids.count)
        overflowing = []
    }

    /// The number of tokens.
    public var count: Int {
        ids.count
    }
}

extension Encoding {
    /// A window of the tokens, without what overflows.
    func window(_ range: Range<Int>) -> Encoding {
        var window = Encoding()
        window.ids = Array(ids[range])
        window.typeIDs = Array(typeIDs[range])
        window.attentionMask = Array(attentionMask[range])
        window.specialTokensMask = Array(specialTokensMask[range])
        window.tokens = Array(tokens[range])
        return window
    }

    /// Sets the segment of all tokens, but not of those that overflow.
    ///
    /// The reference leaves out the overflow, too, so a template with its own segments is seen
    /// in the first window only.
    mutating func setTypeID(_ typeID: Int32) {
        typeIDs = Array(repeating: typeID, count: count)
    }

    /// Adds another encoding at the end.
    ///
    /// Every window of one is combined with every window of the other: first the windows of this
    /// encoding, each with the other and then with its windows, then this one with those.
    mutating func append(_ other: Encoding) {
        var combined: [Encoding] = []
        for window in overflowing {
            combined.append(window.appending(other))
            combined += other.overflowing.map { window.appending($0) }
        }
        if !other.overflowing.isEmpty {
            var window = self
            window.overflowing = []
            combined += other.overflowing.map { window.appending($0) }
        }
        ids += other.ids
        typeIDs += other.typeIDs
        attentionMask += other.attentionMask
        specialTokensMask += other.specialTokensMask
        tokens += other.tokens
        overflowing = combined
    }

    /// This window and another after it, without what overflows.
    private func appending(_ other: Encoding) -> Encoding {
        var result = self
        var other = other
        other.overflowing = []
        result.append(other)
        return result
    }
}
