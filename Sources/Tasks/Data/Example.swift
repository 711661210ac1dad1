/// What a model is asked about: the input of one example, without its label.
public enum Example: Hashable, Sendable {
    /// A text, or a pair of texts that are read together.
    case text(String, pair: String?)
    /// A text whose tokens are known already.
    case tokens(TokenRow)
    /// A picture in a file, by its path.
    case pictureFile(String)
    /// A picture whose samples are known.
    case samples(SampleGrid)
    /// A picture whose pixel values are known already.
    case pixels(PixelRow)
}

/// One row of `input_ids` with its companions, all of one length; padding may be part of it.
public struct TokenRow: Hashable, Sendable {
    /// The ids of the tokens.
    public let ids: [Int32]
    /// The segment of every token; `nil` where all are of the first.
    public let typeIDs: [Int32]?
    /// Whether there is a token, not padding; `nil` where there is no padding.
    public let mask: [Bool]?

    /// A row whose companions have its length.
    public init(ids: [Int32], typeIDs: [Int32]? = nil, mask: [Bool]? = nil) {
        precondition(typeIDs.map { $0.count == ids.count } ?? true, "one segment for each token")
        precondition(mask.map { $0.count == ids.count } ?? true, "one mask for each token")
        self.ids = ids
        self.typeIDs = typeIDs
        self.mask = mask
    }
}
