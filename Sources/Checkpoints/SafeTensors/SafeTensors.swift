internal import FoundationEssentials

/// The safetensors format: a JSON header that describes the bytes which follow it.
///
/// Eight bytes hold the header's length, the header names each tensor's dtype, shape and bytes, and
/// the tensors follow without gaps. Sizes are limited as in the reference implementation.
public enum SafeTensors {
    /// The longest header that is read, in bytes.
    static let headerLimit = 100_000_000

    /// A tensor of a file.
    struct Entry: Sendable, Equatable {
        let name: String
        let dtype: DType
        let shape: [Int]
        /// Its bytes, from the end of the header.
        let range: Range<Int>
    }

    /// What a file says of itself.
    struct Header: Sendable {
        /// The tensors in the order of the header.
        let entries: [Entry]
        let metadata: [String: String]
        /// Where the tensors' bytes begin in the file.
        let dataStart: Int
    }

    /// Reads and checks the header of a file.
    static func header(of file: MappedFile) throws(CheckpointError) -> Header {
        let path = file.url.path
        guard file.count >= 8 else { throw .noHeader(file: path, found: file.count) }
        let declared = try file.copy(0..<8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let available = min(file.count - 8, headerLimit)
        guard declared <= UInt64(available) else {
            throw .headerLength(file: path, declared: declared, available: available)
        }
        let dataStart = 8 + Int(declared)
        let bytes = try file.copy(8..<dataStart)
        return try header(parsing: bytes, dataCount: file.count - dataStart, path: path)
    }

    /// Checks a header that is followed by a number of bytes.
    static func header(
        parsing bytes: [UInt8],
        dataCount: Int,
        path: String
    ) throws(CheckpointError) -> Header {
        let raw: RawHeader
        do throws(JSONFault) {
            raw = try RawHeader(parsing: bytes)
        } catch {
            throw .malformed(file: path, part: "header", error)
        }
        var faults: [TensorFault] = []
        let entries = raw.tensors.compactMap { $0.checked(dataCount: dataCount, &faults) }
        if faults.isEmpty { checkCoverage(of: entries, dataCount: dataCount, &faults) }
        if !faults.isEmpty { throw .invalidTensors(file: path, faults) }
        return Header(entries: entries, metadata: raw.metadata, dataStart: 8 + bytes.count)
    }

    /// Reports bytes that belong to two tensors or to none.
    private static func checkCoverage(
        of entries: [Entry],
        dataCount: Int,
        _ faults: inout [TensorFault]
    ) {
        let sorted = entries.sorted {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
        var end = 0
        var last = ""
        for entry in sorted {
            let range = entry.range
            if range.lowerBound > end {
                faults.append(.hole(begin: end, end: range.lowerBound))
            } else if range.lowerBound < end {
                let shared = min(end, range.upperBound)
                faults.append(
                    .overlap(
                        first: last,
                        second: entry.name,
                        begin: range.lowerBound,
                        end: shared
                    )
                )
            }
            if range.upperBound >= end { (end, last) = (range.upperBound, entry.name) }
        }
        if end < dataCount { faults.append(.hole(begin: end, end: dataCount)) }
    }
}
