internal import Tensors
public import Transformers

/// Examples as a model reads them: texts as tokens without padding, or pictures of the right size.
public struct EncodedExamples: Sendable {
    /// What the examples are.
    public enum Content: Sendable {
        /// The tokens of all texts, one text behind the other.
        case texts(TokenBatch)
        /// Pictures of the model's size.
        case pictures(PreparedPictures)
    }

    /// What the examples are.
    public let content: Content
    /// The positions, in what was encoded, of examples that were left out because they are broken.
    public let skipped: [Int]

    /// Texts whose tokens are known.
    public init(tokens: TokenBatch) { (content, skipped) = (.texts(tokens), []) }

    /// Pictures.
    public init(pictures: PreparedPictures, skipped: [Int] = []) {
        (content, self.skipped) = (.pictures(pictures), skipped)
    }

    /// The number of examples.
    public var count: Int {
        switch content {
        case .texts(let tokens): tokens.sequences.count
        case .pictures(let pictures): pictures.count
        }
    }

    /// The number of tokens that the model makes of every example.
    public var lengths: [Int] {
        switch content {
        case .texts(let tokens): tokens.sequences.lengths
        case .pictures(let pictures): pictures.lengths
        }
    }

    /// What the model reads of the examples at some positions, in that order; a position may occur
    /// more than once.
    ///
    /// - Throws: an error that names a file which has become unreadable since.
    public func input(_ positions: [Int]) throws -> ModelInput {
        switch content {
        case .texts(let tokens): .tokens(TokenBatch(positions, of: tokens))
        case .pictures(let pictures): .pixels(try pictures.pixels(positions))
        }
    }

    /// The examples at some positions, in that order.
    public func selecting(_ positions: [Int]) -> EncodedExamples {
        switch content {
        case .texts(let tokens): EncodedExamples(tokens: TokenBatch(positions, of: tokens))
        case .pictures(let pictures): EncodedExamples(pictures: pictures.selecting(positions))
        }
    }
}
