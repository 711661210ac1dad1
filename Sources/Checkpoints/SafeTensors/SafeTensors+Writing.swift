public import FoundationEssentials
public import Tensors

extension SafeTensors {
    /// What a tensor of a small file holds.
    public enum Content: Sendable {
        /// Numbers, written as float32.
        case floats(Tensor)
        /// Numbers, rounded to one of the writable formats.
        case rounded(Tensor, DType)
        /// Integers in one of the integer formats.
        case integers([Int64], shape: [Int], DType)
        /// A tensor of another file, byte by byte.
        case stored(TensorView)
    }

    /// Writes a file of tensors that are in memory: statistics, trajectories, encoded inputs.
    ///
    /// The file appears under its name only when it is complete.
    public static func write(
        _ tensors: [(name: String, content: Content)],
        metadata: [String: String] = [:],
        to url: URL
    ) throws {
        let writer = try CheckpointWriter(
            file: url,
            tensors: tensors.map { $0.content.declaration($0.name) },
            metadata: metadata
        )
        for (name, content) in tensors {
            switch content {
            case .floats(let tensor), .rounded(let tensor, _):
                try writer.write(name, tensor)
            case .integers(let integers, _, let dtype):
                let bytes = try dtype.encode(integers, tensor: name, file: url.path)
                try writer.write(name, bytes: bytes, at: 0)
            case .stored(let view):
                try view.withBytes { try writer.write(name, bytes: $0, at: 0) }
            }
        }
        try writer.finish()
    }
}

extension SafeTensors.Content {
    fileprivate func declaration(_ name: String) -> TensorDeclaration {
        switch self {
        case .floats(let tensor): .init(name: name, dtype: .float32, shape: tensor.shape)
        case .rounded(let tensor, let dtype): .init(name: name, dtype: dtype, shape: tensor.shape)
        case .integers(_, let shape, let dtype): .init(name: name, dtype: dtype, shape: shape)
        case .stored(let view): .init(name: name, dtype: view.dtype, shape: view.shape)
        }
    }
}

extension DType {
    /// Integers in this format's bytes, or an error that names the first that does not fit.
    func encode(
        _ integers: [Int64],
        tensor: String,
        file: String
    ) throws(CheckpointError) -> [UInt8] {
        let range: ClosedRange<Int64>? =
            switch self {
            case .bool: 0...1
            case .unsigned8: 0...Int64(UInt8.max)
            case .signed8: Int64(Int8.min)...Int64(Int8.max)
            case .unsigned16: 0...Int64(UInt16.max)
            case .signed16: Int64(Int16.min)...Int64(Int16.max)
            case .unsigned32: 0...Int64(UInt32.max)
            case .signed32: Int64(Int32.min)...Int64(Int32.max)
            case .unsigned64: 0...Int64.max
            case .signed64: Int64.min...Int64.max
            default: nil
            }
        guard let range else { throw .notIntegers(tensor: tensor, file: file, dtype: self) }
        if let value = integers.first(where: { !range.contains($0) }) {
            throw .unrepresentable(tensor: tensor, file: file, dtype: self, value: value)
        }
        let size = bitCount / 8
        return integers.flatMap { integer in
            (0..<size).map { UInt8(truncatingIfNeeded: integer >> ($0 * 8)) }
        }
    }
}
