internal import Tensors
public import Transformers

/// Examples as a model reads them: their tokens one behind the other, without padding.
public struct EncodedExamples: Sendable {
    /// The tokens of all examples.
    public let tokens: TokenBatch

    /// Examples whose tokens are known.
    public init(tokens: TokenBatch) { self.tokens = tokens }

    /// The number of examples.
    public var count: Int { tokens.sequences.count }

    /// The number of tokens of every example.
    public var lengths: [Int] { tokens.sequences.lengths }

    /// The examples at some positions, in that order; a position may occur more than once.
    public func batch(_ positions: [Int]) -> TokenBatch { TokenBatch(positions, of: tokens) }
}
