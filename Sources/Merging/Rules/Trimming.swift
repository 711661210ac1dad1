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
    /// For each expert, keeps exactly the `⌊density · n⌋` largest entries of one parameter, but at
    /// least one; of equal ones those that come first.
    static func of(
        _ parameter: ModelPool.Parameter,
        densities: [Double]
    ) throws -> [Trimming] {
        let blocks = Blocks.of(shape: parameter.shape)
        func forEachBlock(_ body: (Int, Int, Tensor) -> Void) throws {
            for range in blocks {
                guard let base = try parameter.base?.block(range) else { continue }
                for (k, expert) in parameter.experts.enumerated() where densities[k] < 1 {
                    let block = try expert.difference(in: range, base: base, shape: parameter.shape)
                    body(k, range.lowerBound, block)
                }
            }
        }
        var selections = densities.map { _ in MagnitudeSelection() }
        try forEachBlock { k, _, block in selections[k].add(block) }
        for k in densities.indices {
            selections[k].narrow(toRank: max(1, Int(densities[k] * Double(parameter.count))))
        }
        try forEachBlock { k, _, block in selections[k].add(block) }
        let results = selections.map(\.result)
        // Where the last of several equal entries that still belong lies.
        var seen = densities.map { _ in 0 }
        var lastTies = densities.map { _ in Int.max }
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
        return densities.indices.map { k in
            densities[k] < 1
                ? Trimming(threshold: results[k].threshold, lastTie: lastTies[k]) : .none
        }
    }

    /// For each expert, one threshold for the whole model: its `(⌊density · d⌋ + 1)`-th largest
    /// entry, as TIES's own code has it.
    static func of(
        _ pool: ModelPool,
        densities: [Double],
        workers: Workers
    ) throws -> [Float] {
        try MagnitudeThresholds.of(
            shares: densities,
            pieces: pool.parameters.count,
            workers: workers
        ) { index, show in
            let parameter = pool.parameters[index]
            for range in Blocks.of(shape: parameter.shape) {
                let block = MergeBlock(parameter: parameter, range: range)
                // Trimming would hide what is not a number.
                let vectors = try block.differences(from: block.base())
                for (k, vector) in vectors.enumerated() { try show(k, vector) }
            }
        }
    }
}
