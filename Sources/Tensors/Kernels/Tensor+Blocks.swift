extension Tensor {
    /// A tensor made of blocks that lie one behind the other and are formed in that order.
    package init<E: Error>(
        _ shape: [Int],
        blocks: [Range<Int>],
        _ block: (Range<Int>) throws(E) -> Tensor
    ) throws(E) {
        let storage = Storage(uninitialized: shape.reduce(1, *))
        var end = 0
        for range in blocks {
            let part = try block(range)
            precondition(range.lowerBound == end && range.upperBound <= storage.count, "\(range)")
            precondition(part.count == range.count, "\(part.shape) for \(range)")
            // The range is inside the storage, which nobody else knows yet.
            unsafe (storage.buffer.baseAddress.unsafelyUnwrapped + end)
                .update(from: part.pointer, count: part.count)
            end = range.upperBound
        }
        precondition(end == storage.count, "blocks up to \(end) of \(shape)")
        self.init(shape: shape, storage: storage)
    }
}
