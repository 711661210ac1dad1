/// A header as it was written, before anything in it is believed.
struct RawHeader {
    /// What a header says of one tensor.
    struct Tensor {
        let name: String
        var dtype: String?
        var shape: [Int]?
        var offsets: [Int]?
    }

    var tensors: [Tensor] = []
    var metadata: [String: String] = [:]

    init(parsing bytes: [UInt8]) throws(JSONFault) {
        // The format demands that the brace be the first byte; white space may pad the end.
        guard let first = bytes.first else { throw .unexpectedEnd(expected: "an object") }
        var reader = JSONReader(bytes)
        if first != UInt8(ascii: "{") {
            throw .unexpected(expected: "“{”", found: "something else", position: 0)
        }
        try reader.object { (reader, name) throws(JSONFault) in
            if name == "__metadata__" {
                try reader.object { (reader, key) throws(JSONFault) in
                    metadata[key] = try reader.string()
                }
            } else {
                tensors.append(try Tensor(name, &reader))
            }
        }
        try reader.end()
    }
}

extension RawHeader.Tensor {
    init(_ name: String, _ reader: inout JSONReader) throws(JSONFault) {
        self.name = name
        try reader.object { (reader, key) throws(JSONFault) in
            switch key {
            case "dtype": dtype = try reader.string()
            case "shape": shape = try reader.counts()
            case "data_offsets": offsets = try reader.counts()
            // The reference implementation ignores other keys too.
            default: try reader.skip()
            }
        }
    }

    /// The tensor, if all that can be said of it alone is right.
    func checked(dataCount: Int, _ faults: inout [TensorFault]) -> SafeTensors.Entry? {
        guard let dtype, let shape, let offsets else {
            if dtype == nil { faults.append(.missing(tensor: name, key: "dtype")) }
            if shape == nil { faults.append(.missing(tensor: name, key: "shape")) }
            if offsets == nil { faults.append(.missing(tensor: name, key: "data_offsets")) }
            return nil
        }
        guard let format = DType(rawValue: dtype) else {
            faults.append(.unknownDType(tensor: name, dtype: dtype))
            return nil
        }
        guard offsets.count == 2 else {
            faults.append(.offsetCount(tensor: name, found: offsets.count))
            return nil
        }
        let (begin, end) = (offsets[0], offsets[1])
        guard begin <= end else {
            faults.append(.reversed(tensor: name, begin: begin, end: end))
            return nil
        }
        guard end <= dataCount else {
            faults.append(.outside(tensor: name, end: end, available: dataCount))
            return nil
        }
        guard let size = format.byteCount(of: shape) else {
            faults.append(.uncountable(tensor: name, dtype: format, shape: shape))
            return nil
        }
        guard size == end - begin else {
            faults.append(
                .size(
                    tensor: name,
                    dtype: format,
                    shape: shape,
                    expected: size,
                    found: end - begin
                )
            )
            return nil
        }
        return .init(name: name, dtype: format, shape: shape, range: begin..<end)
    }
}

extension JSONReader {
    /// Reads an array of integers that are not negative.
    mutating func counts() throws(JSONFault) -> [Int] {
        var counts: [Int] = []
        try array { (reader) throws(JSONFault) in counts.append(try reader.count()) }
        return counts
    }
}
