import Checkpoints
import Foundation
import Images
import Tensors
import TestSupport
import Testing

struct ImageProcessorTests {
    struct Case: Decodable {
        struct Tolerance: Decodable {
            let fromDecoded: FromDecoded
            let fromJpeg: FromJPEG
        }

        struct FromDecoded: Decodable {
            let pixelValues: Double
        }

        struct FromJPEG: Decodable {
            let croppedUint8: SampleTolerance
            let pixelValuesPerUnit: Double
        }

        let files: [String]
        let tolerance: Tolerance
    }

    private func read(_ reference: ReferenceCase) throws -> (Case, ImageProcessor) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let data = try Data(contentsOf: reference.file("case.json"))
        let configuration = try Data(contentsOf: reference.file("preprocessor_config.json"))
        return (
            try decoder.decode(Case.self, from: data),
            try ImageProcessor(configuration: configuration)
        )
    }

    @Test(arguments: ReferenceCase.images("image"))
    func `decoded pictures get the values of the reference`(reference: ReferenceCase) throws {
        let (facts, processor) = try read(reference)
        let expected = try reference.tensors("expected.safetensors")
        let decoded = try reference.pictures("../sources/decoded.safetensors")
        let cropped = try facts.files.map { file in
            try processor.cropped(#require(decoded[URL(filePath: file).lastPathComponent]))
        }
        let samples = try expected.view("cropped_uint8")
        #expect(try cropped.flatMap(\.planes).map(Int64.init) == samples.integers())
        let values = try processor.batch(cropped)
        #expect(values.shape == samples.shape)
        let size = try #require(processor.outputSize)
        #expect([size.height, size.width] == Array(samples.shape[2...]))
        guard let reference = try expected["pixel_values"]?.tensor() else { return }
        let tolerance = Tolerance(absolute: facts.tolerance.fromDecoded.pixelValues)
        #expect(tolerance.excess(of: values.elements, over: reference.elements) <= 0)
    }

    @Test(arguments: ReferenceCase.images("image"))
    func `files get the values of the reference`(reference: ReferenceCase) throws {
        let (facts, processor) = try read(reference)
        let expected = try reference.tensors("expected.safetensors")
        let samples = try expected.view("cropped_uint8").integers().map(UInt8.init)
        let values = try expected["pixel_values"]?.tensor().elements
        let tolerance = facts.tolerance.fromJpeg
        for (index, file) in facts.files.enumerated() {
            let picture = try Picture(contentsOf: reference.file(file))
            let planes = try processor.cropped(picture).planes
            let range = index * planes.count..<(index + 1) * planes.count
            #expect(tolerance.croppedUint8.holds(planes, Array(samples[range])), "\(file)")
            guard let values else { continue }
            let largest = tolerance.pixelValuesPerUnit * Double(tolerance.croppedUint8.largest)
            let bound = Tolerance(absolute: file.hasSuffix(".png") ? 1e-5 : largest + 1e-5)
            let found = try processor(picture).elements
            #expect(bound.excess(of: found, over: Array(values[range])) <= 0, "\(file)")
        }
    }

    @Test func `a batch is its pictures one behind the other`() throws {
        let configuration = Data(#"{"size": 4}"#.utf8)
        let processor = try ImageProcessor(configuration: configuration, modelType: "vit")
        let pictures = try ["noise.png", "wide.png"].map { try Picture(fixture($0)) }
        let batch = try processor.batch(try pictures.map { try processor.cropped($0) })
        #expect(batch.shape == [2, 3, 4, 4])
        let apart = try pictures.flatMap { try processor($0).elements }
        #expect(batch.elements == apart)
    }

    @Test func `pictures of two sizes are no batch`() throws {
        let configuration = Data(#"{"size": 4, "do_center_crop": false}"#.utf8)
        let processor = try ImageProcessor(configuration: configuration, modelType: "clip")
        #expect(processor.outputSize == nil)
        let pictures = [(4, 8), (8, 4)].map { height, width in
            Picture(height: height, width: width, gray: [UInt8](repeating: 0, count: 32))
        }
        let cropped = try pictures.map { try processor.cropped($0) }
        #expect(throws: ProcessorError.unequalSizes(first: [4, 8], other: [8, 4])) {
            try processor.batch(cropped)
        }
    }

    @Test func `a thread of a picture is refused before it becomes a sheet`() throws {
        let processor = try ImageProcessor(configuration: Data("{}".utf8), modelType: "clip")
        let thread = Picture(height: 1, width: 100_000, gray: [UInt8](repeating: 1, count: 100_000))
        #expect(
            throws: ProcessorError.tooLarge(height: 224, width: 22_400_000, limit: 178_956_970)
        ) { try processor.cropped(thread) }
    }
}

extension Picture {
    /// The samples `[3, height, width]`.
    fileprivate var planes: [UInt8] {
        (0..<3).flatMap { channel in
            stride(from: channel, to: pixels.count, by: 3).map { pixels[$0] }
        }
    }
}
