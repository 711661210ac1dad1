public import Transformers

/// A piece of a batch: what one worker computes at a time.
public struct MicroBatch: Sendable {
    /// The positions of its examples in the batch, ascending.
    public let positions: [Int]
    /// The same examples by their positions among all.
    let members: [Int]
    let examples: EncodedExamples

    /// What the model reads of these examples, in that order; made by the worker that needs it.
    public func input() throws -> ModelInput { try examples.input(members) }
}

extension EncodedExamples {
    /// Cuts a batch into pieces with about equally many tokens.
    ///
    /// How a batch is cut depends on its examples alone, not on the number of workers: sums that
    /// are taken piece by piece have the same bits for any number.
    ///
    /// - Parameters:
    ///   - batch: the positions of the batch's examples, as ``BatchOrder/batch(step:)`` gives them.
    ///   - limit: the tokens that a piece has about; an example is never cut.
    /// - Returns: the pieces; together they hold every example of the batch once.
    public func microBatches(of batch: [Int], tokens limit: Int = 512) -> [MicroBatch] {
        let lengths = lengths
        return Self.pieces(lengths: batch.map { lengths[$0] }, limit: limit).map { piece in
            MicroBatch(positions: piece, members: piece.map { batch[$0] }, examples: self)
        }
    }

    /// Packs lengths into ⌈total / limit⌉ pieces: the longest first, each to the lightest piece.
    ///
    /// Workers wait for the heaviest piece; this rule (Graham, 1969) keeps it within 4/3 of the
    /// least possible.
    static func pieces(lengths: [Int], limit: Int) -> [[Int]] {
        precondition(limit > 0, "pieces of \(limit) tokens")
        let total = lengths.reduce(0, +)
        let count = min(lengths.count, (total + limit - 1) / limit)
        guard count > 1 else { return lengths.isEmpty ? [] : [Array(lengths.indices)] }
        var pieces = Array(repeating: (tokens: 0, positions: [Int]()), count: count)
        // The sort is stable: equal lengths stay in the order of the batch.
        for position in lengths.indices.sorted(by: { lengths[$0] > lengths[$1] }) {
            var lightest = 0
            for piece in 1..<count where pieces[piece].tokens < pieces[lightest].tokens {
                lightest = piece
            }
            pieces[lightest].tokens += lengths[position]
            pieces[lightest].positions.append(position)
        }
        return pieces.map { $0.positions.sorted() }
    }
}
