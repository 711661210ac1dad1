extension Orientation {
    /// The orientation in the EXIF data of a picture.
    ///
    /// EXIF data that cannot be read turns nothing: viewers, and Pillow, do the same.
    init(of format: FileFormat, _ bytes: Span<UInt8>) {
        let range: Range<Int>? =
            switch format {
            case .jpeg: bytes.exifInJPEG()
            case .png: bytes.exifInPNG()
            case .other: nil
            }
        self = range.flatMap { Orientation(exif: bytes.extracting($0)) } ?? .upright
    }

    /// The orientation in the first directory of a TIFF structure.
    private init?(exif bytes: Span<UInt8>) {
        let isLittleEndian = bytes.starts(with: Array("II*\0".utf8), at: 0)
        guard isLittleEndian || bytes.starts(with: Array("MM\0*".utf8), at: 0) else { return nil }
        func number(_ size: Int, at position: Int) -> Int? {
            bytes.number(size, at: position, isLittleEndian: isLittleEndian)
        }
        guard let directory = number(4, at: 4), let count = number(2, at: directory) else {
            return nil
        }
        for entry in 0..<count {
            let start = directory + 2 + entry * 12
            guard let tag = number(2, at: start), let type = number(2, at: start + 2) else {
                return nil
            }
            guard tag == 0x0112 else { continue }
            // Bytes, shorts and longs, by TIFF's numbers of the types.
            guard let size = [1: 1, 3: 2, 4: 4][type], let value = number(size, at: start + 8)
            else { return nil }
            self.init(rawValue: value)
            return
        }
        return nil
    }
}

extension Span<UInt8> {
    /// An unsigned integer of some bytes, or `nil` where they are not all there.
    fileprivate func number(_ size: Int, at position: Int, isLittleEndian: Bool = false) -> Int? {
        guard position >= 0, position <= count - size else { return nil }
        return (0..<size).reduce(0) { value, i in
            value << 8 | Int(self[isLittleEndian ? position + size - 1 - i : position + i])
        }
    }

    /// The contents of a JPEG file's first EXIF segment, which lies before its first scan.
    fileprivate func exifInJPEG() -> Range<Int>? {
        var position = 2
        while position + 4 <= count {
            guard self[position] == 0xff else {
                position += 1
                continue
            }
            switch self[position + 1] {
            // Filling before a marker, and markers that stand alone.
            case 0xff: position += 1
            case 0x00, 0x01, 0xd0...0xd8: position += 2
            // The scan, or the end.
            case 0xda, 0xd9: return nil
            case let marker:
                guard let length = number(2, at: position + 2), length >= 2 else { return nil }
                let (start, end) = (position + 4, position + 2 + length)
                guard end <= count else { return nil }
                if marker == 0xe1, starts(with: Array("Exif\0\0".utf8), at: start), start + 6 <= end
                {
                    return start + 6..<end
                }
                position = end
            }
        }
        return nil
    }

    /// The contents of a PNG file's `eXIf` chunk.
    fileprivate func exifInPNG() -> Range<Int>? {
        var position = FileFormat.pngSignature.count
        while let length = number(4, at: position), position + 8 + length <= count {
            if starts(with: Array("eXIf".utf8), at: position + 4) {
                return position + 8..<position + 8 + length
            }
            position += 12 + length
        }
        return nil
    }
}
