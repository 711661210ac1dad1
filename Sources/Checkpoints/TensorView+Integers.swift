extension TensorView {
    /// All elements as integers: token ids, masks, labels.
    ///
    /// Numbers beyond 63 bits do not occur in such data and are an error.
    public func integers() throws(CheckpointError) -> [Int64] {
        switch dtype {
        case .bool: try elements(UInt8.self).map { $0 == 0 ? 0 : 1 }
        case .unsigned8: try widened(UInt8.self)
        case .signed8: try widened(Int8.self)
        case .unsigned16: try widened(UInt16.self)
        case .signed16: try widened(Int16.self)
        case .unsigned32: try widened(UInt32.self)
        case .signed32: try widened(Int32.self)
        case .unsigned64: try widened(UInt64.self)
        case .signed64: try elements(Int64.self)
        default: throw .notIntegers(tensor: name, file: fileName, dtype: dtype)
        }
    }

    private func widened<I: FixedWidthInteger & BitwiseCopyable>(
        _: I.Type
    ) throws(CheckpointError) -> [Int64] {
        let integers = try elements(I.self)
        let widened = integers.compactMap { Int64(exactly: $0) }
        guard widened.count == integers.count else {
            throw .notIntegers(tensor: name, file: fileName, dtype: dtype)
        }
        return widened
    }
}
