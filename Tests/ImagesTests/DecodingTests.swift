import Foundation
import Images
import TestSupport
import Testing

struct DecodingTests {
    private struct Sources: Decodable {
        struct Tolerance: Decodable {
            let jpeg: SampleTolerance
        }

        let files: [String]
        let tolerance: Tolerance
    }

    @Test(arguments: ReferenceCase.images("image-sources"))
    func `pictures get the pixels of the reference`(reference: ReferenceCase) throws {
        let sources = try reference.json(Sources.self)
        let expected = try reference.pictures("decoded.safetensors")
        for name in sources.files {
            let picture = try Picture(contentsOf: reference.file(name))
            let wanted = try #require(expected[name])
            #expect(picture.height == wanted.height && picture.width == wanted.width, "\(name)")
            let isExact = picture.pixels == wanted.pixels
            let isClose = sources.tolerance.jpeg.holds(picture.pixels, wanted.pixels)
            #expect(name.hasSuffix(".png") ? isExact : isClose, "\(name)")
        }
    }

    @Test(arguments: 1...8)
    func `a picture is turned as its camera was held`(orientation: Int) throws {
        // One stored picture, seen eight ways: turning never changes which samples there are.
        let upright = try Picture(fixture("exif-1.jpg"))
        let turned = try Picture(fixture("exif-\(orientation).jpg"))
        let size = [turned.height, turned.width]
        #expect(size == (orientation < 5 ? [7, 12] : [12, 7]))
        #expect(turned.pixels.sorted() == upright.pixels.sorted())
        #expect(orientation == 1 || turned != upright)
    }

    @Test func `orientations that cannot be read turn nothing`() throws {
        let upright = try Picture(fixture("exif-1.jpg"))
        let bytes = try fixture("exif-6.jpg")
        let exif = try #require(bytes.position(of: "Exif"))
        // The order of bytes, the offset of the directory, the tag's type, and its value.
        for (offset, value) in [(6, 0x58), (10, 0xff), (18, 0x09), (24, 0x09)] {
            var broken = bytes
            broken[exif + offset] = UInt8(value)
            #expect(try Picture(broken) == upright, "byte \(offset)")
        }
    }

    @Test(arguments: ["photo-420.jpg", "progressive.jpg", "scene.png"])
    func `what follows the end of a picture is not looked at`(name: String) throws {
        let bytes = try fixture(name)
        #expect(try Picture(bytes + [0, 1, 0xff, 0xd8, 3]) == Picture(bytes))
    }

    @Test func `the limit of pixels is the caller's`() throws {
        let bytes = try fixture("scene.png")
        let limits = PictureLimits(pixels: 19 * 26)
        #expect(try Picture(bytes, limits: limits).width == 26)
        #expect(throws: PictureError.tooLarge(file: "photo.png", height: 19, width: 26, limit: 493))
        { try Picture(bytes, limits: PictureLimits(pixels: 493)) }
    }

    @Test func `gray samples are repeated`() {
        let picture = Picture(height: 1, width: 2, gray: [7, 9])
        #expect(picture.pixels == [7, 7, 7, 9, 9, 9])
    }

    @Test func `a file that is not there is named`() {
        let url = URL(filePath: "/nowhere/photo.png")
        #expect { try Picture(contentsOf: url) } throws: { error in
            "\(error)".hasPrefix("/nowhere/photo.png cannot be read: ")
        }
    }
}
