/// PNG files made piece by piece, so that any piece can be wrong.
struct PNGFile {
    var header = PNGHeader()
    /// The chunks between the header and the end.
    var chunks: [(name: String, data: [UInt8])] = []
    var end: [UInt8] = PNGFile.chunk("IEND", [])

    static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

    var bytes: [UInt8] {
        Self.signature + Self.chunk("IHDR", header.bytes)
            + chunks.flatMap { Self.chunk($0.name, $0.data) } + end
    }

    /// A chunk with its length and checksum.
    static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
        let named = Array(name.utf8) + data
        return UInt32(data.count).bigEndianBytes + named + checksum(named).bigEndianBytes
    }

    /// CRC-32.
    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~0) { register, byte in
            (0..<8).reduce(register ^ UInt32(byte)) { value, _ in
                value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1
            }
        }
    }

    /// The bytes as a zlib stream that compresses nothing.
    static func stored(_ bytes: [UInt8]) -> [UInt8] {
        let length = UInt16(bytes.count)
        let (low, high) = bytes.reduce((UInt32(1), UInt32(0))) { sums, byte in
            let low = (sums.0 + UInt32(byte)) % 65521
            return (low, (sums.1 + low) % 65521)
        }
        return [0x78, 0x01, 1] + length.littleEndianBytes + (~length).littleEndianBytes + bytes
            + (high << 16 | low).bigEndianBytes
    }

    /// A zlib stream of `258 · copies + 1` zeros, a thousandth as long.
    static func bomb(copies: Int) -> [UInt8] {
        // One last block of fixed codes: a literal zero, then copies of 258 from one byte back.
        var bits: [UInt8] = [1, 1, 0] + [0, 0, 1, 1, 0, 0, 0, 0]
        for _ in 0..<copies { bits += [1, 1, 0, 0, 0, 1, 0, 1] + [0, 0, 0, 0, 0] }
        bits += [UInt8](repeating: 0, count: 7)
        let bytes = stride(from: 0, to: bits.count, by: 8).map { start in
            (start..<min(start + 8, bits.count)).reduce(UInt8(0)) { $0 | bits[$1] << ($1 - start) }
        }
        let sum = UInt32((258 * copies + 1) % 65521) << 16 | 1
        return [0x78, 0x01] + bytes + sum.bigEndianBytes
    }
}

struct PNGHeader {
    var width: UInt32 = 3
    var height: UInt32 = 2
    var depth: UInt8 = 8
    var color: UInt8 = 0
    var compression: UInt8 = 0
    var filter: UInt8 = 0
    var interlace: UInt8 = 0

    var bytes: [UInt8] {
        width.bigEndianBytes + height.bigEndianBytes
            + [depth, color, compression, filter, interlace]
    }
}

extension FixedWidthInteger {
    var littleEndianBytes: [UInt8] {
        (0..<bitWidth / 8).map { UInt8(truncatingIfNeeded: self >> ($0 * 8)) }
    }

    var bigEndianBytes: [UInt8] { littleEndianBytes.reversed() }
}

/// The segments of a JPEG file: markers with what follows them up to the next.
struct JPEGFile {
    var segments: [(marker: UInt8, payload: [UInt8])] = []
    /// What follows the header of the first scan, up to the end of the file.
    var scan: [UInt8] = []

    init(_ bytes: [UInt8]) {
        var position = 2
        while scan.isEmpty {
            let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
            segments.append(
                (bytes[position + 1], Array(bytes[position + 4..<position + 2 + length]))
            )
            position += 2 + length
            if segments.last?.marker == 0xda { scan = Array(bytes[position...]) }
        }
    }

    var bytes: [UInt8] {
        [0xff, 0xd8]
            + segments.flatMap { segment in
                [0xff, segment.marker] + UInt16(segment.payload.count + 2).bigEndianBytes
                    + segment.payload
            } + scan
    }

    /// The file without the segments of a marker.
    func without(_ marker: UInt8) -> JPEGFile {
        var file = self
        file.segments.removeAll { $0.marker == marker }
        return file
    }

    /// The file with one byte of the first segment of a marker replaced.
    func with(_ marker: UInt8, _ offset: Int, _ bytes: UInt8...) -> JPEGFile {
        var file = self
        if let index = segments.firstIndex(where: { $0.marker == marker }) {
            file.segments[index].payload.replaceSubrange(
                offset..<offset + bytes.count,
                with: bytes
            )
        }
        return file
    }
}

extension [UInt8] {
    /// Where some text begins.
    func position(of text: String) -> Int? {
        indices.first { self[$0...].starts(with: text.utf8) }
    }
}
