import Foundation
import Images
import TestSupport
import Testing

struct ResizingTests {
    private struct Resized: Decodable {
        let file: String
        let filters: [String]
        let sizes: [[Int]]
    }

    @Test(arguments: ReferenceCase.images("image-resized"))
    func `every filter makes the pixels of Pillow`(reference: ReferenceCase) throws {
        let resized = try reference.json(Resized.self)
        let picture = try Picture(contentsOf: reference.file(resized.file))
        let expected = try reference.pictures("expected.safetensors")
        #expect(resized.filters == ResamplingFilter.allCases.map { "\($0)" })
        for filter in ResamplingFilter.allCases {
            for size in resized.sizes {
                let found = picture.resized(height: size[0], width: size[1], filter: filter)
                let isExact = found == expected["\(filter)-\(size[0])-\(size[1])"]
                #expect(isExact, "\(filter) to \(size)")
            }
        }
    }

    @Test(arguments: ResamplingFilter.allCases)
    func `one colour stays that colour at every size`(filter: ResamplingFilter) {
        for (height, width) in [(1, 1), (3, 2), (1, 400), (400, 1)] {
            let samples = [UInt8](repeating: 201, count: height * width)
            let picture = Picture(height: height, width: width, gray: samples)
            for (newHeight, newWidth) in [(1, 1), (7, 5), (1, 130), (129, 2)] {
                let resized = picture.resized(height: newHeight, width: newWidth, filter: filter)
                #expect(resized.pixels.allSatisfy { $0 == 201 })
            }
        }
    }
}
