import Images

/// A file that is no picture, or none that can be trusted, with the case of the error it gets.
struct MalformedPicture: Sendable {
    let name: String
    let bytes: [UInt8]
    let expected: String

    init(_ name: String, _ bytes: [UInt8], _ expected: String) {
        self.name = name
        self.bytes = bytes
        self.expected = expected
    }
}

extension MalformedPicture {
    static var all: [MalformedPicture] {
        get throws { try others + pngs + truncated() + jpegs() }
    }

    /// Files cut off at many places.
    private static func truncated() throws -> [MalformedPicture] {
        let lengths = [
            ("scene.png", [1, 4, 7, 8, 9, 12, 15, 16, 20, 24, 28, 32, 33, 36, 40, 41, 45]),
            ("scene.png", [60, 100, 200, 400, 600, 800, -13, -12, -11, -8, -4, -1]),
            ("interlaced.png", [34, 50, 100, 500, 900, -20, -12]),
            ("palette4.png", [40, 60, 80, 90, 120, 150, -12]),
            ("text.png", [40, 60, 80, 90, -100, -14]),
            ("photo-420.jpg", [1, 2, 3, 4, 5, 10, 19, 20, 21, 22, 30, 60, 90, 100, 150, 200, 300]),
            ("photo-420.jpg", [400, -100, -50, -20, -10, -6, -3, -2, -1]),
            ("progressive.jpg", [50, 100, 200, 250, 300, 350, 400, 500, 600, 700, -50, -10, -2]),
            ("cmyk.jpg", [40, 100, 300, 500, 700, -10]),
            ("restarts.jpg", [300, 400, 450, -60, -40, -10]),
            ("gray.jpg", [100, 200, -30, -5]),
        ]
        return try lengths.flatMap { name, lengths in
            let bytes = try fixture(name)
            return lengths.map { length in
                let kept = length < 0 ? bytes.count + length : length
                return MalformedPicture(
                    "\(name) cut off at byte \(kept)",
                    Array(bytes.prefix(kept)),
                    "truncated"
                )
            }
        }
    }

    /// Files of other kinds, whatever their name.
    static let others: [MalformedPicture] = [
        .init("nothing", [], "empty"),
        .init("GIF", Array("GIF89a\u{1}\0\u{1}\0".utf8), "a GIF picture"),
        .init("WebP", Array("RIFF\u{10}\0\0\0WEBPVP8 ".utf8), "a WebP picture"),
        .init("BMP", Array("BM\u{46}\0\0\0".utf8), "a BMP picture"),
        .init("TIFF", Array("II*\0\u{8}\0\0\0".utf8), "a TIFF picture"),
        .init("TIFF of Motorola", Array("MM\0*\0\0\0\u{8}".utf8), "a TIFF picture"),
        .init("HEIF", Array("\0\0\0\u{18}ftypheic".utf8), "a HEIF picture"),
        .init("AVIF", Array("\0\0\0\u{1c}ftypavif".utf8), "an AVIF picture"),
        .init("JPEG 2000", Array("\0\0\0\u{c}jP  \r\n".utf8), "a JPEG 2000 picture"),
        .init("JPEG XL", [0xff, 0x0a, 0, 0], "a JPEG XL picture"),
        .init("icon", [0, 0, 1, 0, 1, 0], "an icon"),
        .init("page", Array("<!doctype HTML><html>Not found".utf8), "a web page"),
        .init("page after blank lines", Array("\r\n  <HTML><body>".utf8), "a web page"),
        .init("SVG", Array("<svg xmlns=\"http://www.w3.org/2000/svg\">".utf8), "an SVG picture"),
        .init("XML", Array("<?xml version=\"1.0\"?><Error>".utf8), "an XML document"),
        .init("JSON", Array("{\"error\": \"not found\"}".utf8), "a JSON document"),
        .init("LFS", Array("version https://git-lfs.github.com".utf8), "a pointer of Git LFS"),
        .init("PDF", Array("%PDF-1.7".utf8), "a PDF document"),
        .init("gzip", [0x1f, 0x8b, 8, 0], "a gzip archive"),
        .init("ZIP", Array("PK\u{3}\u{4}".utf8), "a ZIP archive"),
        .init("Photoshop", Array("8BPS\0\u{1}".utf8), "a Photoshop picture"),
        .init("zeros", [UInt8](repeating: 0, count: 100), "unknownFormat"),
        .init("prose", Array("Not a picture at all.".utf8), "unknownFormat"),
        .init("a PNG file sent as text", [0x89, 0x50, 0x4e, 0x47, 0x0a, 0x1a], "unknownFormat"),
        .init("two bytes of neither", [0xff, 0xd7], "unknownFormat"),
    ]
}

extension MalformedPicture {
    /// Two rows of three gray samples, each row behind its filter's number.
    private static let rows: [UInt8] = [0, 1, 2, 3, 0, 4, 5, 6]
    private static let stored = PNGFile.stored(rows)

    /// A good file of those samples, changed.
    private static func png(
        _ name: String,
        _ expected: String,
        data: [UInt8] = stored,
        before: [(String, [UInt8])] = [],
        after: [(String, [UInt8])] = [],
        end: [UInt8] = PNGFile.chunk("IEND", []),
        _ change: (inout PNGHeader) -> Void = { _ in }
    ) -> MalformedPicture {
        var file = PNGFile()
        change(&file.header)
        file.chunks = before + [("IDAT", data)] + after
        file.end = end
        return MalformedPicture("PNG: \(name)", file.bytes, expected)
    }

    /// A good file of those samples, one bit of which changed on the way.
    private static func png(damagedAt offset: Int, in name: String) -> MalformedPicture {
        let file = PNGFile(chunks: [("tEXt", Array("a\0b".utf8)), ("IDAT", stored)])
        var bytes = file.bytes
        if let start = bytes.position(of: name) { bytes[start + offset] ^= 4 }
        return MalformedPicture("PNG: a bit of \(name)", bytes, "checksum")
    }

    static let pngs: [MalformedPicture] = [
        png("no width", "corrupt") { $0.width = 0 },
        png("no height", "corrupt") { $0.height = 0 },
        png("2^31 columns", "corrupt") { $0.width = 1 << 31 },
        png("2^31 × 2^31", "corrupt") { ($0.width, $0.height) = (1 << 31, 1 << 31) },
        png("2^32 - 1 rows", "corrupt") { $0.height = .max },
        png("(2^31 - 1)²", "tooLarge") { ($0.width, $0.height) = (.max >> 1, .max >> 1) },
        png("2^31 - 1 in one row", "tooLarge") { ($0.width, $0.height) = (.max >> 1, 1) },
        png("100,000 × 100,000", "tooLarge") { ($0.width, $0.height) = (100_000, 100_000) },
        png("just too large", "tooLarge") { ($0.width, $0.height) = (178_956_971, 1) },
        png("huge and short", "tooShort") { ($0.width, $0.height) = (30_000, 5_000) },
        png("a whole row too many", "tooShort") { ($0.width, $0.height) = (1, 1_000_000) },
        png("rows that are not there", "corrupt") { $0.height = 5 },
        png("columns that are not there", "corrupt") { $0.width = 300 },
        png("no depth", "corrupt") { $0.depth = 0 },
        png("depth 3", "corrupt") { $0.depth = 3 },
        png("depth 7", "corrupt") { $0.depth = 7 },
        png("depth 32", "corrupt") { $0.depth = 32 },
        png("depth 255", "corrupt") { $0.depth = 255 },
        png("colour 1", "corrupt") { $0.color = 1 },
        png("colour 5", "corrupt") { $0.color = 5 },
        png("colour 7", "corrupt") { $0.color = 7 },
        png("colour 255", "corrupt") { $0.color = 255 },
        png("16-bit palette", "corrupt") { ($0.depth, $0.color) = (16, 3) },
        png("4-bit colours", "corrupt") { ($0.depth, $0.color) = (4, 2) },
        png("2-bit transparency", "corrupt") { ($0.depth, $0.color) = (2, 6) },
        png("unknown compression", "corrupt") { $0.compression = 1 },
        png("unknown filtering", "corrupt") { $0.filter = 1 },
        png("unknown interlacing", "corrupt") { $0.interlace = 2 },
        png("interlacing that is not there", "corrupt") { $0.interlace = 1 },

        png(damagedAt: 5, in: "IHDR"),
        png(damagedAt: 23, in: "IDAT"),
        png(damagedAt: 4, in: "IEND"),
        png(damagedAt: 5, in: "tEXt"),

        png("a second header", "corrupt", before: [("IHDR", PNGHeader().bytes)]),
        png("a header behind the pixels", "corrupt", after: [("IHDR", PNGHeader().bytes)]),
        png("no palette", "corrupt") { $0.color = 3 },
        png("an empty palette", "corrupt", before: [("PLTE", [])]) { $0.color = 3 },
        png("four bytes of palette", "corrupt", before: [("PLTE", [1, 2, 3, 4])]) { $0.color = 3 },
        png("257 colours", "corrupt", before: [("PLTE", [UInt8](repeating: 7, count: 771))]) {
            $0.color = 3
        },
        png("a palette behind the pixels", "corrupt", after: [("PLTE", [1, 2, 3])]) {
            $0.color = 3
        },
        png("a colour that is not there", "corrupt", before: [("PLTE", [1, 2, 3, 4, 5, 6])]) {
            $0.color = 3
        },
        png("an unknown critical chunk", "corrupt", before: [("ABCD", [])]),
        png("the chunk of a telephone's own PNG", "corrupt", before: [("CgBI", [0, 0, 0, 0])]),
        png("a chunk without letters", "corrupt", before: [("\u{1}\u{2}\u{3}\u{4}", [])]),
        png("no end", "truncated", end: []),
        png("an endless chunk", "truncated", end: [0x7f, 0xff, 0xff, 0xff] + Array("tEXt".utf8)),
        png("a chunk of 2^32 - 1", "corrupt", end: [255, 255, 255, 255] + Array("IEND".utf8)),

        png("no data", "corrupt", data: []),
        png("data that is not compressed", "corrupt", data: rows),
        png("an unknown method", "corrupt", data: [0x77, 0x01] + stored.dropFirst(2)),
        png("a window that is too large", "corrupt", data: [0x88, 0x1c, 1, 0]),
        png("a dictionary", "corrupt", data: [0x78, 0x20, 0, 0, 0, 0] + rows),
        png("a block of no kind", "corrupt", data: [0x78, 0x01, 7, 0, 0]),
        png("lengths that disagree", "corrupt", data: [0x78, 0x01, 1, 8, 0, 0, 0] + rows),
        png("half the data", "corrupt", data: Array(stored.prefix(11))),
        png("one row", "corrupt", data: PNGFile.stored(Array(rows.prefix(4)))),
        png("a sum that disagrees", "corrupt", data: stored.dropLast() + [0xee]),
        png("filter 5", "corrupt", data: PNGFile.stored([5, 1, 2, 3, 0, 4, 5, 6])),
        png("filter 255", "corrupt", data: PNGFile.stored([0, 1, 2, 3, 255, 4, 5, 6])),
        png("a bomb of another size", "tooShort", data: PNGFile.bomb(copies: 40)) {
            ($0.width, $0.height) = (1000, 1000)
        },
        png("data before the header", firstChunk: "IDAT", rows),
        png("a header of 12 bytes", firstChunk: "IHDR", Array(PNGHeader().bytes.dropLast())),
        png("a header of 14 bytes", firstChunk: "IHDR", PNGHeader().bytes + [0]),
        png("an end and nothing else", firstChunk: "IEND", []),
        png("the header of a film", firstChunk: "MHDR", []),
    ]

    private static func png(
        _ name: String,
        firstChunk: String,
        _ data: [UInt8]
    ) -> MalformedPicture {
        let bytes = PNGFile.signature + PNGFile.chunk(firstChunk, data)
        return MalformedPicture("PNG: \(name)", bytes, "corrupt")
    }
}

extension MalformedPicture {
    private static func jpegs() throws -> [MalformedPicture] {
        let file = JPEGFile(try fixture("photo-420.jpg"))
        let (frame, tables, huffman, scan): (UInt8, UInt8, UInt8, UInt8) = (0xc0, 0xdb, 0xc4, 0xda)
        var doubled = file
        doubled.segments += file.segments.filter { $0.marker == frame }
        doubled.segments.swapAt(doubled.segments.count - 1, doubled.segments.count - 2)
        func renamed(_ marker: UInt8) -> [UInt8] {
            var file = file
            for index in file.segments.indices where file.segments[index].marker == frame {
                file.segments[index].marker = marker
            }
            return file.bytes
        }
        func scanned(_ scan: [UInt8]) -> [UInt8] {
            var file = file
            file.scan = scan
            return file.bytes
        }
        // The first scan of the brightness alone, again and again.
        let again: [UInt8] = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 1]
        var manyScans = JPEGFile(try fixture("progressive.jpg"))
        manyScans.scan = (0..<1000).flatMap { _ in again }
        let end: [UInt8] = [0xff, 0xd9]
        return [
            ("two starts", [0xff, 0xd8, 0xff, 0xd8] + file.bytes.dropFirst(2), "corrupt"),
            ("only a start", [0xff, 0xd8, 0xff, 0xd9], "corrupt"),
            ("no frame", file.without(frame).bytes, "corrupt"),
            ("no scan", Array(file.without(scan).bytes.dropLast(file.scan.count)), "truncated"),
            ("no quantisation tables", file.without(tables).bytes, "corrupt"),
            ("two frames", doubled.bytes, "corrupt"),

            ("12-bit samples", file.with(frame, 0, 12).bytes, "unsupported"),
            ("samples of no bits", file.with(frame, 0, 0).bytes, "unsupported"),
            ("no rows", file.with(frame, 1, 0, 0).bytes, "corrupt"),
            ("no columns", file.with(frame, 3, 0, 0).bytes, "corrupt"),
            ("65,535 rows", file.with(frame, 1, 255, 255).bytes, "corrupt"),
            ("65,500 × 65,500", file.with(frame, 1, 0xff, 0xdc, 0xff, 0xdc).bytes, "tooLarge"),
            ("13,000 × 13,000", file.with(frame, 1, 0x32, 0xc8, 0x32, 0xc8).bytes, "tooShort"),
            ("a few rows too many", file.with(frame, 1, 0, 80).bytes, "corrupt"),
            ("no components", file.with(frame, 5, 0).bytes, "corrupt"),
            ("two components", file.with(frame, 5, 2).bytes, "corrupt"),
            ("200 components", file.with(frame, 5, 200).bytes, "corrupt"),
            ("sampling of nothing", file.with(frame, 7, 0).bytes, "corrupt"),
            ("sampling of 5", file.with(frame, 7, 0x55).bytes, "corrupt"),
            ("sampling of 15", file.with(frame, 10, 0xff).bytes, "corrupt"),
            ("quantisation table 9", file.with(frame, 8, 9).bytes, "corrupt"),

            ("a lossless frame", renamed(0xc3), "unsupported"),
            ("a differential frame", renamed(0xc5), "unsupported"),
            ("a lossless arithmetic frame", renamed(0xcb), "unsupported"),
            ("a progressive frame", renamed(0xc2), "corrupt"),

            ("Huffman table 9", file.with(huffman, 0, 9).bytes, "corrupt"),
            ("too many codes", file.with(huffman, 1, 255, 255).bytes, "corrupt"),
            ("more codes than bits", file.with(huffman, 1, 3).bytes, "corrupt"),
            ("quantisation table 15", file.with(tables, 0, 15).bytes, "corrupt"),
            ("a scan of another component", file.with(scan, 1, 77).bytes, "corrupt"),
            ("a scan of no components", file.with(scan, 0, 0).bytes, "corrupt"),
            ("a scan of five components", file.with(scan, 0, 5).bytes, "corrupt"),
            ("a scan with a missing table", file.with(scan, 2, 0x33).bytes, "corrupt"),

            ("a segment of length 0", [0xff, 0xd8, 0xff, 0xe0, 0, 0] + file.bytes, "corrupt"),
            ("a segment of length 1", [0xff, 0xd8, 0xff, 0xdb, 0, 1] + file.bytes, "corrupt"),
            ("an endless segment", [0xff, 0xd8, 0xff, 0xe1, 255, 255, 0, 0], "truncated"),
            ("an empty scan", scanned(end), "corrupt"),
            ("half a scan", scanned(file.scan.prefix(file.scan.count / 2) + end), "corrupt"),
            ("a scan of ones", scanned((0..<400).flatMap { _ in [0xff, 0] } + end), "corrupt"),
            ("another start inside the scan", scanned([0xff, 0xd8] + file.scan), "corrupt"),
            ("a thousand scans", manyScans.bytes + end, "corrupt"),
        ].map { MalformedPicture("JPEG: \($0.0)", $0.1, $0.2) }
    }
}
