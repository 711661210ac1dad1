/// What the first bytes of a file say that it is, whatever its name says.
enum FileFormat: Equatable {
    case png
    case jpeg
    /// A kind of file that is not supported, with its article.
    case other(String)

    /// The kind of a file, or `nil` where it is not known.
    init?(_ bytes: Span<UInt8>) {
        if bytes.starts(with: Self.pngSignature, at: 0) {
            self = .png
        } else if bytes.starts(with: Self.jpegSignature, at: 0) {
            self = .jpeg
        } else if let found = Self.others.first(where: { $0.matches(bytes) }) {
            self = .other(found.name)
        } else {
            return nil
        }
    }

    static let pngSignature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
    static let jpegSignature: [UInt8] = [0xff, 0xd8, 0xff]

    private static let others: [Signature] = [
        Signature("a GIF picture", "GIF8"),
        Signature("a WebP picture", "WEBP", at: 8),
        Signature("a BMP picture", "BM"),
        Signature("a TIFF picture", "II*\0"),
        Signature("a TIFF picture", "MM\0*"),
        Signature("an AVIF picture", "ftypavif", at: 4),
        Signature("a HEIF picture", "ftyp", at: 4),
        Signature("a JPEG 2000 picture", "\0\0\0\u{c}jP  "),
        Signature("a JPEG XL picture", bytes: [0xff, 0x0a]),
        Signature("a JPEG XL picture", "\0\0\0\u{c}JXL "),
        Signature("a Photoshop picture", "8BPS"),
        Signature("an icon", "\0\0\u{1}\0"),
        Signature("an SVG picture", "<svg"),
        Signature("an XML document", "<?xml"),
        Signature("a web page", "<!DOCTYPE html"),
        Signature("a web page", "<html"),
        Signature("a JSON document", "{\""),
        Signature("a pointer of Git LFS", "version https://git-lfs"),
        Signature("a PDF document", "%PDF-"),
        Signature("a gzip archive", bytes: [0x1f, 0x8b]),
        Signature("a ZIP archive", "PK\u{3}\u{4}"),
    ]
}

/// Bytes at one place by which a kind of file is known; letters match in either case.
private struct Signature {
    let name: String
    let bytes: [UInt8]
    let position: Int

    init(_ name: String, _ text: String, at position: Int = 0) {
        self.init(name, bytes: Array(text.utf8), at: position)
    }

    init(_ name: String, bytes: [UInt8], at position: Int = 0) {
        self.name = name
        self.bytes = bytes
        self.position = position
    }

    func matches(_ file: Span<UInt8>) -> Bool {
        guard bytes.first == UInt8(ascii: "<") else {
            return file.starts(with: bytes, at: position)
        }
        // Markup may follow blank lines, and its words come in capitals and small letters.
        var start = 0
        while start < min(file.count, 64), [0x09, 0x0a, 0x0d, 0x20].contains(file[start]) {
            start += 1
        }
        guard file.count - start >= bytes.count else { return false }
        return bytes.indices.allSatisfy { file[start + $0].lowercased == bytes[$0].lowercased }
    }
}

extension UInt8 {
    fileprivate var lowercased: UInt8 { (0x41...0x5a).contains(self) ? self | 0x20 : self }
}

extension Span<UInt8> {
    /// Whether these bytes stand at a position.
    func starts(with prefix: [UInt8], at position: Int) -> Bool {
        guard count >= position + prefix.count else { return false }
        return prefix.indices.allSatisfy { self[position + $0] == prefix[$0] }
    }
}
