internal import Checkpoints
internal import Synchronization
internal import Tensors

/// Which entries of a task vector are large enough to keep.
struct Trimming: Sendable {
    /// The smallest magnitude that is kept.
    let threshold: Float
    /// Entries of exactly that magnitude are kept up to this position of the parameter.
    let lastTie: Int

    /// Keeps everything.
    static let none = Trimming(threshold: 0, lastTie: .max)

    /// Keeps nothing.
    static let all = Trimming(threshold: .infinity, lastTie: .max)

    /// Sets to 0 what is not kept of a block that begins at `start`.
    func apply(_ block: inout Tensor, from start: Int) {
        guard threshold > 0 else { return }
        // Behind the last tie, only what is larger than the threshold is kept.
        block.trim(below: lastTie < start ? threshold.nextUp : threshold)
        guard (start..<start + block.count - 1).contains(lastTie) else { return }
        let elements = block
        block = elements.withSpan { span in
            Tensor(elements.shape) { output in
                for i in span.indices {
                    output.append(abs(span[i]) == threshold && start + i > lastTie ? 0 : span[i])
                }
            }
        }
    }
}

/// Finds thresholds by counting: two passes over the task vectors, no sorting, little memory.
enum Trimmings {
    /// For each task vector of a parameter, keeps exactly so many of its largest entries.
    ///
    /// Of equal ones those stay that come first. Where there is no number, everything is kept. Instead
    /// of task vectors, others may be given.
    static func of(
        _ parameter: ModelPool.Parameter,
        keeping counts: [Int?],
        _ vectors: (MergeBlock) throws -> [Tensor] = { try $0.vectors() }
    ) throws -> [Trimming] {
        guard counts.contains(where: { $0 ?? 0 > 0 }) else {
            return counts.map { $0 == nil ? .none : .all }
        }
        func forEachBlock(_ body: (Int, Int, Tensor) -> Void) throws {
            for range in Blocks.of(shape: parameter.shape) {
                let all = try vectors(MergeBlock(parameter: parameter, range: range))
                for (k, block) in all.enumerated() where counts[k] != nil {
                    body(k, range.lowerBound, block)
                }
            }
        }
        var selections = counts.map { _ in MagnitudeSelection() }
        try forEachBlock { k, _, block in selections[k].add(block) }
        for k in counts.indices {
            selections[k].narrow(toRank: counts[k] ?? 1)
        }
        try forEachBlock { k, _, block in selections[k].add(block) }
        let results = selections.map(\.result)
        // Where the last of several equal entries that still belong lies.
        var seen = counts.map { _ in 0 }
        var lastTies = counts.map { _ in Int.max }
        try forEachBlock { k, start, block in
            let (threshold, ties) = results[k]
            guard lastTies[k] == .max else { return }
            block.withSpan { span in
                for i in span.indices where abs(span[i]) == threshold {
                    seen[k] += 1
                    if seen[k] == ties {
                        lastTies[k] = start + i
                        return
                    }
                }
            }
        }
        return counts.indices.map { k in
            switch counts[k] {
            case nil: .none
            case 0: .all
            default: Trimming(threshold: results[k].threshold, lastTie: lastTies[k])
            }
        }
    }

    /// For each expert, one threshold for the whole model: its `(⌊density · d⌋ + 1)`-th largest
    /// entry, as TIES's own code has it.
    static func of(
        _ vectors: some TaskVectors,
        densities: [Double],
        workers: Workers
    ) throws -> [Float] {
        let total = vectors.pool.parameters.reduce(0) { $0 + $1.count }
        let selections = try MagnitudeSelection.select(
            densities.map { [Int($0 * Double(total)) + 1] },
            of: vectors.pool,
            workers: workers
        ) { block in
            let all = try vectors.differences(
                of: block.parameter,
                in: block.range,
                base: block.base()
            )
            // Trimming would hide what is not a number.
            for vector in all { try block.check(vector) }
            return all
        }
        return densities.indices.map { densities[$0] < 1 ? selections[$0][0] : 0 }
    }
}

extension MagnitudeSelection {
    /// Of several vectors that span the whole model, the largest magnitudes of some ranks, from 1: two
    /// passes over all parameters.
    static func select(
        _ ranks: [[Int]],
        of pool: ModelPool,
        workers: Workers,
        _ vectors: @Sendable (MergeBlock) throws -> [Tensor]
    ) throws -> [[Float]] {
        /// Counts what each selection looks for; `selections[k]` all look at vector `k`.
        func count(_ selections: [[MagnitudeSelection]]) throws -> [[MagnitudeSelection]] {
            let fresh = selections.map { $0.map(\.emptied) }
            // Counts are whole numbers, whose sum has no order: who is idle counts on.
            let idle = Mutex<[[[MagnitudeSelection]]]>([])
            try workers.forEach(pool.parameters.count) { index in
                let parameter = pool.parameters[index]
                var own = idle.withLock { $0.popLast() } ?? fresh
                for range in Blocks.of(shape: parameter.shape) {
                    let all = try vectors(MergeBlock(parameter: parameter, range: range))
                    for (k, vector) in all.enumerated() {
                        for i in own[k].indices { own[k][i].add(vector) }
                    }
                }
                idle.withLock { $0.append(own) }
            }
            return idle.withLock { all in
                all.dropFirst().reduce(into: all.first ?? fresh) { sum, part in
                    for k in sum.indices { for i in sum[k].indices { sum[k][i].merge(part[k][i]) } }
                }
            }
        }
        let first = try count(ranks.map { _ in [MagnitudeSelection()] })
        let narrowed = zip(first, ranks).map { selections, ranks in
            ranks.map { rank in
                var selection = selections[0]
                selection.narrow(toRank: rank)
                return selection
            }
        }
        return try count(narrowed).map { $0.map(\.result.threshold) }
    }
}
