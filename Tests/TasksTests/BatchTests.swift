import Tensors
import Testing
import Transformers

@testable import Tasks

struct BatchTests {
    @Test(arguments: [(10, 1), (10, 3), (10, 9), (7, 2), (100, 16), (2000, 16), (17, 16)])
    func `every epoch holds every example once`(count: Int, batchSize: Int) {
        let order = BatchOrder(seed: 3, task: "snips", count: count, batchSize: batchSize)
        let epochs = 3
        let steps = (epochs * count + batchSize - 1) / batchSize
        let batches = (0..<steps).map { order.batch(step: $0) }
        #expect(batches.allSatisfy { $0.count == batchSize })
        let stream = batches.flatMap(\.self)
        for epoch in 0..<epochs {
            let examples = stream[epoch * count..<(epoch + 1) * count]
            #expect(examples.sorted() == Array(0..<count))
        }
    }

    @Test func `a batch as large as the split is the split, in the order of the file`() {
        for batchSize in [5, 6, 1000] {
            let order = BatchOrder(seed: 1, task: "a", count: 5, batchSize: batchSize)
            for step in [0, 1, 77] { #expect(order.batch(step: step) == [0, 1, 2, 3, 4]) }
        }
    }

    @Test func `a batch depends on seed, task and step, and on nothing before`() {
        func batch(_ seed: UInt64, _ task: String, _ step: Int) -> [Int] {
            BatchOrder(seed: seed, task: task, count: 1000, batchSize: 16).batch(step: step)
        }
        #expect(batch(1, "a", 5) == batch(1, "a", 5))
        let others = [batch(1, "a", 5), batch(2, "a", 5), batch(1, "b", 5), batch(1, "a", 6)]
        #expect(Set(others).count == 4)
        #expect(batch(1, "a", 0) != batch(1, "a", 125), "two epochs in one order")
    }

    /// Runs that are resumed with a later version must see the same examples.
    @Test func `the order is pinned`() {
        let order = BatchOrder(seed: 0, task: "snips", count: 10, batchSize: 4)
        #expect(
            (0..<3).map { order.batch(step: $0) } == [[1, 9, 8, 6], [3, 7, 4, 2], [5, 0, 1, 3]]
        )
    }

    @Test(arguments: [1, 7, 32, 512, 100_000])
    func `pieces hold every example of a batch once`(limit: Int) {
        var generator = SeededGenerator(seed: 4, "lengths", limit)
        for count in [0, 1, 2, 16, 61] {
            let lengths = (0..<count).map { _ in Int(generator.next() % 90) + 1 }
            let pieces = EncodedExamples.pieces(lengths: lengths, limit: limit)
            let total = lengths.reduce(0, +)
            #expect(pieces.count == min(count, (total + limit - 1) / limit))
            #expect(pieces.flatMap(\.self).sorted() == Array(0..<count))
            #expect(pieces.allSatisfy { !$0.isEmpty && $0 == $0.sorted() })
            let weights = pieces.map { $0.reduce(0) { $0 + lengths[$1] } }
            let spread = (weights.max() ?? 0) - (weights.min() ?? 0)
            #expect(spread <= lengths.max() ?? 0, "\(weights)")
        }
    }

    @Test func `pieces are even`() {
        let lengths = [64, 10, 40, 33, 12, 50, 60, 21, 30, 48, 17, 26, 55, 36, 44, 19]
        let pieces = EncodedExamples.pieces(lengths: lengths, limit: 200)
        let weights = pieces.map { $0.reduce(0) { $0 + lengths[$1] } }
        #expect(weights.reduce(0, +) == 565)
        #expect(weights.count == 3)
        #expect((weights.max() ?? 0) <= 195, "\(weights) of 188 at best")
    }

    @Test func `a piece holds the tokens of its examples`() {
        let texts: [[Int32]] = [[1], [2, 3, 4], [5, 6], [7, 8]]
        let examples = EncodedExamples(tokens: TokenBatch(texts))
        // An example may be in a batch twice, at the end of an epoch and the start of the next.
        let batch = [3, 1, 1, 0]
        let pieces = examples.microBatches(of: batch, tokens: 4)
        #expect(pieces.map(\.positions) == [[1], [2], [0, 3]])
        for piece in pieces {
            #expect(piece.tokens.ids == piece.positions.flatMap { texts[batch[$0]] })
            #expect(
                piece.tokens.sequences.lengths == piece.positions.map { texts[batch[$0]].count }
            )
            #expect(
                piece.tokens.positions
                    == piece.positions.flatMap { 0..<Int32(texts[batch[$0]].count) }
            )
        }
        #expect(examples.microBatches(of: []).isEmpty)
        #expect(examples.microBatches(of: batch).map(\.positions) == [[0, 1, 2, 3]])
    }
}
