internal import FoundationEssentials
public import Tensors

/// A tensor in a file: its description, and its elements when they are asked for.
///
/// A value that can be handed around freely: nothing is read before `decode`, `tensor()` and the
/// like, and the file stays open as long as one of its views is alive.
public struct TensorView: Sendable {
    /// The name of the parameter.
    public let name: String
    /// The format of the stored elements.
    public let dtype: DType
    /// The length of each dimension, outermost first.
    public let shape: [Int]
    /// The number of elements.
    public let count: Int
    private let file: MappedFile
    private let range: Range<Int>

    init(_ entry: SafeTensors.Entry, dataStart: Int, in file: MappedFile) {
        name = entry.name
        dtype = entry.dtype
        shape = entry.shape
        // The header's check has shown that the product does not overflow.
        count = entry.shape.reduce(1, *)
        self.file = file
        range = dataStart + entry.range.lowerBound..<dataStart + entry.range.upperBound
    }

    /// The path of the file, for messages.
    public var fileName: String { file.url.path }

    /// The number of bytes in the file.
    public var byteCount: Int { range.count }

    /// Whether the elements are real floating-point numbers.
    public var isFloatingPoint: Bool { dtype.isFloatingPoint }
}

extension TensorView {
    /// Reads the stored bytes.
    public func withBytes<R>(_ body: (RawSpan) throws -> R) throws -> R {
        try file.check()
        return try file.withBytes(range, body)
    }

    /// A copy of some of the stored bytes, counted from the tensor's first.
    package func bytes(_ part: Range<Int>) throws(CheckpointError) -> [UInt8] {
        precondition(part.lowerBound >= 0 && part.upperBound <= byteCount, "bytes of \(name)")
        let start = range.lowerBound
        return try file.copy(start + part.lowerBound..<start + part.upperBound)
    }

    /// All elements as float32.
    public func tensor() throws(CheckpointError) -> Tensor {
        let decoder = try decoder()
        try file.check()
        return Tensor(shape) { output in
            file.withBytes(range) { decoder($0, appendingTo: &output) }
        }
    }

    /// Replaces the elements of `target` by as many elements of the tensor, as float32.
    ///
    /// `elements` are positions in row-major order. A merge calls this block by block, so that no
    /// tensor is ever in memory as a whole.
    public func decode(
        _ elements: Range<Int>,
        into target: inout MutableSpan<Float>
    ) throws(CheckpointError) {
        precondition(
            elements.lowerBound >= 0 && elements.upperBound <= count,
            "elements of \(name)"
        )
        let decoder = try decoder()
        try file.check()
        file.withBytes(bytes(of: elements, size: decoder.size)) { decoder($0, into: &target) }
    }

    /// Some elements in row-major order as float32, a tensor `[elements.count]`.
    public func tensor(of elements: Range<Int>) throws(CheckpointError) -> Tensor {
        precondition(
            elements.lowerBound >= 0 && elements.upperBound <= count,
            "elements of \(name)"
        )
        let decoder = try decoder()
        try file.check()
        return Tensor([elements.count]) { output in
            file.withBytes(bytes(of: elements, size: decoder.size)) {
                decoder($0, appendingTo: &output)
            }
        }
    }

    /// Rows of a matrix as float32, in the order asked for: [rows, columns] to [indices, columns].
    public func rows(_ indices: [Int32]) throws(CheckpointError) -> Tensor {
        guard shape.count == 2 else {
            throw .notAMatrix(tensor: name, file: fileName, shape: shape)
        }
        let (rows, columns) = (shape[0], shape[1])
        if let row = indices.first(where: { $0 < 0 || Int($0) >= rows }) {
            throw .rowOutOfRange(tensor: name, file: fileName, row: Int(row), rows: rows)
        }
        let decoder = try decoder()
        try file.check()
        return Tensor([indices.count, columns]) { output in
            for row in indices {
                let elements = Int(row) * columns..<(Int(row) + 1) * columns
                file.withBytes(bytes(of: elements, size: decoder.size)) {
                    decoder($0, appendingTo: &output)
                }
            }
        }
    }

    /// The position of the first element that is infinite or not a number, as float32.
    public func nonFinite() throws(CheckpointError) -> Int? {
        let block = 8192
        var buffer = [Float](repeating: 0, count: min(block, count))
        for start in stride(from: 0, to: count, by: block) {
            let elements = start..<min(start + block, count)
            if elements.count < buffer.count { buffer.removeLast(buffer.count - elements.count) }
            var target = buffer.mutableSpan
            try decode(elements, into: &target)
            if let position = buffer.span.firstNonFinite() { return start + position }
        }
        return nil
    }

    /// The elements of an integer format.
    func elements<I: FixedWidthInteger & BitwiseCopyable>(
        _: I.Type
    ) throws(CheckpointError) -> [I] {
        try file.copy(range, as: I.self)
    }

    private func decoder() throws(CheckpointError) -> FloatDecoder {
        guard let decoder = dtype.decoder else {
            throw .notNumbers(tensor: name, file: fileName, dtype: dtype)
        }
        return decoder
    }

    /// Where elements of `size` bytes lie in the file.
    private func bytes(of elements: Range<Int>, size: Int) -> Range<Int> {
        let start = range.lowerBound + elements.lowerBound * size
        return start..<start + elements.count * size
    }
}
