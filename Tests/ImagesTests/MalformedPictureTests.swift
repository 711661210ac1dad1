import Images
import Testing

/// Files that a stranger made: every one is refused with a sentence, none ends the program.
struct MalformedPictureTests {
    @Test func `malformed pictures are refused by name`() throws {
        let pictures = try MalformedPicture.all
        #expect(pictures.count > 200)
        for malformed in pictures {
            let error = #expect(throws: PictureError.self, "\(malformed.name)") {
                try Picture(malformed.bytes)
            }
            guard let error else { continue }
            #expect(error.kind == malformed.expected, "\(malformed.name): \(error)")
            let sentence = error.description
            #expect(sentence.hasPrefix("photo.png ") && sentence.hasSuffix("."), "\(sentence)")
            #expect(sentence.contains("; ") || error.kind == "empty", "\(sentence)")
        }
    }

    @Test(
        arguments: [
            (
                PNGFile(header: PNGHeader(width: 0), chunks: []).bytes,
                """
                photo.png is a damaged PNG file: Invalid IHDR data (Image width is zero in IHDR); \
                fetch it again or leave it out.
                """
            ),
            (
                PNGFile.signature + PNGFile.chunk("IHDR", PNGHeader().bytes).dropLast() + [0],
                """
                photo.png is a damaged PNG file, its checksum is wrong: IHDR: CRC error; fetch it \
                again.
                """
            ),
            (
                Array("<html>404".utf8),
                """
                photo.png is a web page, expected a PNG or JPEG picture; convert it or fetch it again.
                """
            ),
            (
                [1, 2, 0xfe],
                """
                photo.png is neither PNG nor JPEG, whatever its name: it begins with the bytes 01 02 \
                fe; convert it or leave it out.
                """
            ),
        ] as [([UInt8], String)]
    )
    func `the sentence says what is wrong`(bytes: [UInt8], sentence: String) {
        #expect { try Picture(bytes) } throws: { "\($0)" == sentence }
    }

    @Test func `text that unpacks to gigabytes is not unpacked`() throws {
        // Half a megabyte that would be 77, in chunks that say nothing about the pixels, and behind
        // the last row, where it is looked through and not kept.
        let bomb = PNGFile.bomb(copies: 300_000)
        let rows: [UInt8] = [0, 1, 2, 3, 0, 4, 5, 6]
        var file = PNGFile(chunks: [
            ("zTXt", Array("a\0\0".utf8) + bomb), ("iCCP", Array("a\0\0".utf8) + bomb),
            ("IDAT", PNGFile.stored(rows)),
        ])
        #expect(try Picture(file.bytes).pixels.count == 18)
        file.chunks = [("IDAT", bomb)]
        #expect(try Picture(file.bytes).pixels.allSatisfy { $0 == 0 })
    }

    @Test(arguments: [
        "scene.png", "interlaced.png", "palette2-interlaced.png", "rgb16.png", "text.png",
        "photo-420.jpg", "progressive.jpg", "cmyk.jpg", "ycck.jpg", "exif-6.jpg", "restarts.jpg",
    ])
    func `flipped bytes never end the program`(name: String) throws {
        let original = try fixture(name)
        let size = try Picture(original).pixels.count
        var randomness = Randomness(state: 42)
        var refused = 0
        // A bomb's claim is refused before memory is taken, so thousands of files take seconds.
        let limits = PictureLimits(pixels: 1 << 20)
        for _ in 0..<1500 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &randomness) {
                let position = Int.random(in: 0..<bytes.count, using: &randomness)
                bytes[position] = UInt8.random(in: 0...255, using: &randomness)
            }
            do {
                let picture = try Picture(bytes, limits: limits)
                #expect(picture.pixels.count == picture.height * picture.width * 3)
            } catch {
                #expect(error is PictureError)
                refused += 1
            }
        }
        #expect(refused > 0 && size > 0)
    }
}

extension PictureError {
    /// The name of the case or, for a known other format, the format.
    fileprivate var kind: String {
        if case .otherFormat(_, let found) = self { return found }
        let name = Mirror(reflecting: self).children.first?.label
        return name ?? "\(self)"
    }
}

/// A small generator, so that a failure can be had again.
struct Randomness: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        // SplitMix64.
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
