/// Parameters are worked on in blocks that fit the processor's cache, whatever their size.
package enum Blocks {
    /// About the number of elements of a block.
    package static let size = 16_384

    /// The blocks of a parameter: whole rows of a matrix where a row fits, so that low-rank changes
    /// can be formed block by block.
    static func of(shape: [Int]) -> [Range<Int>] {
        let count = shape.reduce(1, *)
        let width = max(1, shape.dropFirst().reduce(1, *))
        let length = max(1, size / width) * width
        return stride(from: 0, to: count, by: length).map { $0..<min($0 + length, count) }
    }
}
