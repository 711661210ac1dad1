internal import Synchronization
internal import Tensors

/// Magnitudes at some ranks of vectors that are too long to be held, such as those of a whole model:
/// found by counting, in two passes.
enum MagnitudeThresholds {
    /// Shows one piece of every vector, in any number of parts.
    typealias Look = @Sendable (_ piece: Int, (_ vector: Int, Tensor) throws -> Void) throws -> Void

    /// The `(⌊shareₖ · d⌋ + 1)`-th largest magnitude of each vector, of `d` elements in all; 0 where
    /// everything is kept.
    ///
    /// Each piece is looked at twice.
    static func of(
        shares: [Double],
        pieces: Int,
        workers: Workers,
        look: Look
    ) throws -> [Float] {
        let found = try of(vectors: shares.count, pieces: pieces, workers: workers, look: look) {
            [Int(shares[$0] * Double($1)) + 1]
        }
        return shares.indices.map { shares[$0] < 1 ? found[$0][0].threshold : 0 }
    }

    /// The largest magnitudes of some ranks, from 1, of vectors that span the whole of a pool.
    static func of(
        ranks: [[Int]],
        in pool: ModelPool,
        workers: Workers,
        _ vectors: @Sendable (MergeBlock) throws -> [Tensor]
    ) throws -> [[Float]] {
        try results(ranks: ranks, in: pool, workers: workers, vectors).map {
            $0.map(\.threshold)
        }
    }

    /// The same, and how many entries of exactly that magnitude belong to the rank.
    static func results(
        ranks: [[Int]],
        in pool: ModelPool,
        workers: Workers,
        _ vectors: @Sendable (MergeBlock) throws -> [Tensor]
    ) throws -> [[(threshold: Float, ties: Int)]] {
        try of(
            vectors: ranks.count,
            pieces: pool.parameters.count,
            workers: workers,
            look: { index, show in
                let parameter = pool.parameters[index]
                for range in Blocks.of(shape: parameter.shape) {
                    let all = try vectors(MergeBlock(parameter: parameter, range: range))
                    for (k, vector) in all.enumerated() { try show(k, vector) }
                }
            },
            ranks: { vector, _ in ranks[vector] }
        )
    }

    /// `ranks` says what is looked for of a vector, once its number of elements is known.
    private static func of(
        vectors: Int,
        pieces: Int,
        workers: Workers,
        look: Look,
        ranks: (_ vector: Int, _ elements: Int) -> [Int]
    ) throws -> [[(threshold: Float, ties: Int)]] {
        typealias Counts = [(elements: Int, selections: [MagnitudeSelection])]
        func count(_ selections: [[MagnitudeSelection]]) throws -> Counts {
            let fresh = selections.map { (elements: 0, selections: $0.map(\.emptied)) }
            // Counts are whole numbers, whose sum has no order: who is idle counts on.
            let idle = Mutex<[Counts]>([])
            try workers.forEach(pieces) { piece in
                var own = idle.withLock { $0.popLast() } ?? fresh
                try look(piece) { vector, part in
                    own[vector].elements += part.count
                    for i in own[vector].selections.indices {
                        own[vector].selections[i].add(part)
                    }
                }
                idle.withLock { $0.append(own) }
            }
            return idle.withLock { all in
                all.dropFirst().reduce(into: all.first ?? fresh) { sum, part in
                    for k in sum.indices {
                        sum[k].elements += part[k].elements
                        for i in sum[k].selections.indices {
                            sum[k].selections[i].merge(part[k].selections[i])
                        }
                    }
                }
            }
        }
        let first = try count(Array(repeating: [MagnitudeSelection()], count: vectors))
        let narrowed = first.enumerated().map { vector, found in
            ranks(vector, found.elements).map { rank in
                var selection = found.selections[0]
                selection.narrow(toRank: rank)
                return selection
            }
        }
        return try count(narrowed).map { $0.selections.map(\.result) }
    }
}
