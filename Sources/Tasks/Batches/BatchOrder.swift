internal import Tensors

/// Which examples a task's batch of each step holds: a function of seed, name and step.
///
/// Every epoch goes through all examples in an order of its own. Batches run on across the border
/// between two epochs, so none is shorter and no example is left out. A run that is resumed at a
/// step needs nothing but its number.
public struct BatchOrder: Hashable, Sendable {
    /// The seed of the run.
    public let seed: UInt64
    /// The name of the task, so that tasks are shuffled independently.
    public let task: String
    /// The number of examples in the split.
    public let count: Int
    /// The number of examples in a batch.
    public let batchSize: Int

    /// An order for at least one example, in batches of at least one.
    public init(seed: UInt64, task: String, count: Int, batchSize: Int) {
        precondition(count > 0 && batchSize > 0, "\(count) examples in batches of \(batchSize)")
        self.seed = seed
        self.task = task
        self.count = count
        self.batchSize = batchSize
    }

    /// The positions of a step's examples; all, in the order of the file, if they fit a batch.
    ///
    /// Takes time in proportion to the number of examples, not of steps before.
    public func batch(step: Int) -> [Int] {
        precondition(step >= 0, "step \(step)")
        guard batchSize < count else { return Array(0..<count) }
        let start = step * batchSize
        let epoch = start / count
        let begin = start - epoch * count
        let end = begin + batchSize
        let batch = Array(permutation(epoch)[begin..<min(end, count)])
        return end <= count ? batch : batch + permutation(epoch + 1)[..<(end - count)]
    }

    private func permutation(_ epoch: Int) -> [Int] {
        var generator = SeededGenerator(seed: seed, "batches of \(task)", epoch)
        return generator.permutation(of: count)
    }
}
