/// A tensor that is going to be written.
public struct TensorDeclaration: Sendable, Equatable {
    /// The name of the parameter, unique in its checkpoint.
    public let name: String
    /// The format it is stored in.
    public let dtype: DType
    /// The length of each dimension, outermost first.
    public let shape: [Int]

    /// Declares a tensor.
    public init(name: String, dtype: DType, shape: [Int]) {
        self.name = name
        self.dtype = dtype
        self.shape = shape
    }
}

extension SafeTensors {
    /// A header that is ready to be written, and where the tensors go.
    struct Layout: Sendable {
        /// The length of the header and the header itself.
        let prefix: [UInt8]
        /// The bytes of each tensor in the file, in the order of the declarations.
        let ranges: [Range<Int>]

        /// Lays out a file.
        ///
        /// Wide elements come first, and the header is padded to eight bytes, so that every tensor
        /// begins at a multiple of its element's size: readers that map files rely on that.
        init(_ declarations: [TensorDeclaration], sizes: [Int], metadata: [String: String]) {
            let order = declarations.indices.sorted { a, b in
                let (wide, other) = (declarations[a].dtype.bitCount, declarations[b].dtype.bitCount)
                return (-wide, a) < (-other, b)
            }
            var members: [String] = []
            if !metadata.isEmpty {
                let pairs = metadata.sorted { $0.key < $1.key }
                let text = pairs.map { "\(jsonString($0.key)):\(jsonString($0.value))" }
                members.append("\"__metadata__\":{\(text.joined(separator: ","))}")
            }
            var relative = [Range<Int>](repeating: 0..<0, count: declarations.count)
            var end = 0
            for i in order {
                let tensor = declarations[i]
                relative[i] = end..<end + sizes[i]
                let shape = tensor.shape.map(String.init).joined(separator: ",")
                members.append(
                    "\(jsonString(tensor.name)):{\"dtype\":\"\(tensor.dtype)\","
                        + "\"shape\":[\(shape)],\"data_offsets\":[\(end),\(end + sizes[i])]}"
                )
                end += sizes[i]
            }
            var header = [UInt8]("{\(members.joined(separator: ","))}".utf8)
            header += [UInt8](repeating: 0x20, count: -header.count & 7)
            let length = UInt64(header.count)
            prefix = (0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) } + header
            let start = prefix.count
            ranges = relative.map { start + $0.lowerBound..<start + $0.upperBound }
        }
    }

    /// The bytes of each declared tensor, unless the declarations cannot be.
    static func sizes(
        of declarations: [TensorDeclaration],
        file: String
    ) throws(CheckpointError) -> [Int] {
        var faults: [TensorFault] = []
        var names: Set<String> = []
        var total = 0
        let sizes = declarations.map { tensor -> Int in
            if tensor.name == "__metadata__" { faults.append(.reserved(tensor: tensor.name)) }
            if !names.insert(tensor.name).inserted {
                faults.append(.duplicate(tensor: tensor.name))
            }
            let size = tensor.dtype.byteCount(of: tensor.shape)
            let (sum, overflow) = total.addingReportingOverflow(size ?? 0)
            if size == nil || overflow {
                faults.append(
                    .uncountable(tensor: tensor.name, dtype: tensor.dtype, shape: tensor.shape)
                )
            } else {
                total = sum
            }
            return size ?? 0
        }
        if !faults.isEmpty { throw .invalidTensors(file: file, faults) }
        return sizes
    }
}
