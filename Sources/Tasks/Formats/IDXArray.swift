internal import FoundationEssentials

/// An array of unsigned bytes in an IDX file, gzipped or not.
///
/// Two zero bytes, the type (8), the number of dimensions, each dimension as a big-endian integer of
/// 32 bits, and the values. No more memory is taken than the file has bytes for.
struct IDXArray {
    /// The length of each dimension.
    let shape: [Int]
    /// The values, the last dimension running fastest.
    let values: [UInt8]

    /// The most values that are read.
    private static let limit = 1 << 32

    init(_ file: URL) throws {
        let stream = try GzipFile(file)
        let start = try stream.read(4)
        guard start.count == 4, start[0] == 0, start[1] == 0, (1...4).contains(start[3]) else {
            throw DataError.notIDX(file.path, found: "it does not begin as one")
        }
        guard start[2] == 8 else {
            throw DataError.notIDX(file.path, found: "its values are not unsigned bytes")
        }
        let header = try stream.read(4 * Int(start[3]))
        guard header.count == 4 * Int(start[3]) else {
            throw DataError.notIDX(file.path, found: "it ends inside its header")
        }
        let shape = stride(from: 0, to: header.count, by: 4).map { start in
            header[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
        }
        let count = shape.reduce(1) { product, length in
            let (result, isTooMany) = product.multipliedReportingOverflow(by: length)
            return isTooMany ? .max : result
        }
        guard count <= Self.limit else {
            throw DataError.notIDX(
                file.path,
                found: "it claims \(shape) values, and \(Self.limit) are read at most"
            )
        }
        values = try stream.read(count)
        guard values.count == count else {
            throw DataError.notIDX(
                file.path,
                found: "it ends after \(values.count) of the \(count) values that \(shape) has"
            )
        }
        guard try stream.read(1).isEmpty else {
            throw DataError.notIDX(file.path, found: "more follows the \(count) values")
        }
        self.shape = shape
    }
}
