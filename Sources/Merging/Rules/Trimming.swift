internal import Checkpoints
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
        func forEachBlock(
            while isWanted: (Int) -> Bool = { counts[$0] != nil },
            _ body: (Int, Int, Tensor) -> Void
        ) throws {
            for range in Blocks.of(shape: parameter.shape) {
                guard counts.indices.contains(where: isWanted) else { return }
                let all = try vectors(MergeBlock(parameter: parameter, range: range))
                for (k, block) in all.enumerated() where isWanted(k) {
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
        // Zeros may stay, whether they belong or not.
        func isOpen(_ k: Int) -> Bool {
            counts[k] != nil && results[k].threshold > 0 && lastTies[k] == .max
        }
        try forEachBlock(while: isOpen) { k, start, block in
            let (threshold, ties) = results[k]
            let equal = block.count(ofMagnitude: threshold)
            guard seen[k] + equal >= ties else {
                seen[k] += equal
                return
            }
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
        try MagnitudeThresholds.of(
            shares: densities,
            pieces: vectors.pool.parameters.count,
            workers: workers
        ) { index, show in
            let parameter = vectors.pool.parameters[index]
            for range in Blocks.of(shape: parameter.shape) {
                let block = MergeBlock(parameter: parameter, range: range)
                let all = try vectors.differences(of: parameter, in: range, base: block.base())
                for (k, vector) in all.enumerated() {
                    // Trimming would hide what is not a number.
                    try block.check(vector)
                    try show(k, vector)
                }
            }
        }
    }
}
