internal import Checkpoints
internal import Tensors

/// The entries of a tensor that are not zero, read where they lie in a file.
///
/// Places are counted inside runs of 65,536 elements, so that two bytes hold one and any block is
/// found at once: `starts[i]` is the number of entries before run `i`.
struct SparseEntries: Sendable {
    /// The elements of a run.
    static let run = 1 << 16

    /// The number of elements of the whole tensor.
    private let count: Int
    private let starts: [Int]
    private let places: TensorView
    private let values: TensorView

    /// The runs of a tensor of so many elements.
    static func runs(of count: Int) -> Int { (count + run - 1) / run }

    /// The entries of a tensor of so many elements.
    ///
    /// - Throws: `TaskVectorError.damaged` unless the three tensors fit each other.
    init(of count: Int, starts: TensorView, places: TensorView, values: TensorView) throws {
        func fail(_ reason: String) -> TaskVectorError {
            .damaged(file: starts.fileName, reason: "\(starts.name) \(reason)")
        }
        guard starts.dtype == .signed64, places.dtype == .unsigned16,
            starts.shape == [Self.runs(of: count) + 1], places.shape.count == 1,
            values.shape == places.shape, values.dtype.isFloatingPoint
        else { throw fail("and the tensors beside it have other shapes or formats") }
        let table = try starts.integers().map { Int($0) }
        guard table.first == 0, table.last == places.count,
            zip(table, table.dropFirst()).allSatisfy({ $0 <= $1 && $1 - $0 <= Self.run })
        else { throw fail("does not count \(places.count) entries") }
        (self.count, self.starts) = (count, table)
        (self.places, self.values) = (places, values)
    }

    /// The elements of the tensor in a range.
    func block(_ range: Range<Int>) throws -> Tensor {
        var block = Tensor.zeros([range.count])
        guard !range.isEmpty else { return block }
        for run in range.lowerBound / Self.run...(range.upperBound - 1) / Self.run {
            let entries = starts[run]..<starts[run + 1]
            guard !entries.isEmpty else { continue }
            let found = try places.integers16(entries)
            let elements = try values.tensor(of: entries)
            if let position = elements.firstNonFinite {
                throw MergeError.notFinite(
                    parameter: values.name,
                    model: values.fileName,
                    position: entries.lowerBound + position
                )
            }
            let start = run * Self.run
            guard
                block.setEntries(
                    elements,
                    atAscending: found,
                    from: start - range.lowerBound,
                    below: min(Self.run, count - start)
                )
            else {
                throw TaskVectorError.damaged(
                    file: places.fileName,
                    reason: "\(places.name) is not in ascending order inside its runs"
                )
            }
        }
        return block
    }
}

extension TensorView {
    /// Some elements of a tensor of 16-bit integers.
    fileprivate func integers16(_ elements: Range<Int>) throws -> [UInt16] {
        let bytes = try bytes(elements.lowerBound * 2..<elements.upperBound * 2)
        return stride(from: 0, to: bytes.count, by: 2).map {
            UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8
        }
    }
}
