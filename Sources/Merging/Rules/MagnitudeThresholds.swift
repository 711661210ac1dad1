internal import Synchronization
internal import Tensors

/// One threshold for each of some vectors that are too long to be held: those of a whole model.
enum MagnitudeThresholds {
    /// The `(⌊shareₖ · d⌋ + 1)`-th largest magnitude of each vector, of `d` elements in all; 0 where
    /// everything is kept.
    ///
    /// `look` shows one piece of every vector, in any number of parts; it is asked for each piece
    /// twice, and need not mind what is done with it.
    static func of(
        shares: [Double],
        pieces: Int,
        workers: Workers,
        look: @Sendable (Int, (_ vector: Int, Tensor) throws -> Void) throws -> Void
    ) throws -> [Float] {
        var selections = shares.map { _ in MagnitudeSelection() }
        var totals = shares.map { _ in 0 }
        for pass in 0..<2 {
            let counted = Mutex((selections.map(\.emptied), shares.map { _ in 0 }))
            let current = selections
            try workers.forEach(pieces) { piece in
                var own = current.map(\.emptied)
                var counts = own.map { _ in 0 }
                try look(piece) { vector, part in
                    own[vector].add(part)
                    counts[vector] += part.count
                }
                counted.withLock { all in
                    for k in own.indices {
                        all.0[k].merge(own[k])
                        all.1[k] += counts[k]
                    }
                }
            }
            (selections, totals) = counted.withLock { $0 }
            guard pass == 0 else { break }
            for k in shares.indices {
                selections[k].narrow(toRank: Int(shares[k] * Double(totals[k])) + 1)
            }
        }
        return shares.indices.map { shares[$0] < 1 ? selections[$0].result.threshold : 0 }
    }
}
