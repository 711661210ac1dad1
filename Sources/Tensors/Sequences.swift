/// Sequences of different lengths laid one behind the other, without padding between them.
///
/// A batch of texts is a matrix of all its tokens; this says where each text begins and ends.
public struct Sequences: Sendable, Equatable {
    /// The number of tokens of each sequence.
    public let lengths: [Int]
    /// The position of the first token of each sequence, and after the last one the total.
    public let offsets: [Int]

    /// Sequences of the given lengths.
    public init(lengths: [Int]) {
        self.lengths = lengths
        offsets = lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    }

    /// `count` sequences of one length.
    public init(count: Int, length: Int) {
        self.init(lengths: Array(repeating: length, count: count))
    }

    /// The number of sequences.
    public var count: Int { lengths.count }
    /// The number of tokens of all sequences together.
    public var tokens: Int { offsets[lengths.count] }
}
