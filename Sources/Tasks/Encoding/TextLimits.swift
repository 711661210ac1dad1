/// What a model can look up for a token; beyond it there is no row in its tables.
public struct TextLimits: Hashable, Sendable {
    /// The number of positions: the most tokens of a text.
    public var positions: Int?
    /// The number of token ids.
    public var vocabulary: Int?
    /// The number of segments.
    public var types: Int?

    /// The sizes of a model's tables; `nil` where it has none, or none that ends.
    public init(positions: Int? = nil, vocabulary: Int? = nil, types: Int? = nil) {
        self.positions = positions
        self.vocabulary = vocabulary
        self.types = types
    }
}
