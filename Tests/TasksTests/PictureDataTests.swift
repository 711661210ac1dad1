import Foundation
import Images
import Tensors
import TestSupport
import Testing
import Transformers

@testable import Tasks

private let photographs = Golden.repository.appending(path: "Tests/Fixtures/image/sources")
private let all = SplitReference(split: "all")

/// The bytes of an IDX file.
private func idx(_ shape: [Int], _ values: [UInt8], type: UInt8 = 8) -> Data {
    Data([0, 0, type, UInt8(shape.count)])
        + shape.flatMap { length in (0..<4).map { UInt8(length >> (24 - 8 * $0) & 255) } }
        + values
}

/// `[2, 2, 3]`, the numbers from 0 to 11, compressed by Python's gzip.
private let compressed = "H4sIAAAAAAACA2Ng4GBmYGBggmJmBkYmZhZWNnYOTi5uAHgeI4QcAAAA"

@Suite struct `IDX files` {
    private func folder(_ images: Data, _ labels: Data? = nil) throws -> DataFolder {
        let folder = try DataFolder()
        try folder.write(images, to: "train-images-idx3-ubyte")
        if let labels { try folder.write(labels, to: "train-labels-idx1-ubyte") }
        return folder
    }

    private let images = idx([2, 2, 3], Array(0..<12))

    @Test func `hold a picture for each example, and its label beside them`() throws {
        let folder = try folder(images, idx([2], [3, 1]))
        try folder.write(
            try #require(Data(base64Encoded: compressed)),
            to: "t10k-images.idx3-ubyte.gz"
        )
        let data = try folder.dataset()
        #expect(data.splits == ["test", "train"])
        #expect(data.files.map(\.lastPathComponent).count == 3)
        let examples = try data.labeled(SplitReference(split: "train"))
        let grids = [Array(0..<6), Array(6..<12)].map {
            Example.samples(SampleGrid(height: 2, width: 3, samples: $0[...]))
        }
        #expect(examples.examples.inputs == grids)
        #expect(examples.labels == [3, 1])
        #expect(try data.unlabeled(SplitReference(split: "test")).inputs == grids)
    }

    @Test func `in colour have three samples for each pixel`() throws {
        let folder = try DataFolder()
        try folder.write(idx([1, 1, 2, 3], [1, 2, 3, 4, 5, 6]), to: "train-images-idx4-ubyte")
        let inputs = try folder.dataset().unlabeled(SplitReference(split: "train")).inputs
        #expect(inputs == [.samples(SampleGrid(height: 1, width: 2, samples: [1, 2, 3, 4, 5, 6]))])
    }

    @Test func `are read without their labels unless these are asked for`() throws {
        let folder = try folder(images, Data("nonsense".utf8))
        let train = SplitReference(split: "train")
        #expect(try folder.dataset().unlabeled(train).count == 2)
        #expect(throws: DataError.self) { try folder.dataset().labeled(train) }
    }

    @Test(arguments: [
        (Data(), "it does not begin as one"),
        (Data("PNG!".utf8), "it does not begin as one"),
        (idx([2, 2, 3], Array(0..<12)).prefix(9), "it ends inside its header"),
        (idx([2, 2, 3], Array(0..<11)), "it ends after 11 of the 12 values that [2, 2, 3] has"),
        (idx([2, 2, 3], Array(0..<13)), "more follows the 12 values"),
        (idx([2, 2, 3], Array(0..<12), type: 13), "its values are not unsigned bytes"),
        (idx([1 << 31, 1 << 31, 1 << 31], []), "and 4294967296 are read at most"),
        (idx([1 << 10, 1 << 10, 1 << 11], [1]), "it ends after 1 of the 2147483648 values"),
        (idx([12], Array(0..<12)), "should be [examples, height, width]"),
        (idx([12, 0, 1], []), "should be [examples, height, width]"),
        (Data(base64Encoded: compressed)!.prefix(30), "damaged or cut off"),
    ])
    func `that are broken say so`(bytes: Data, problem: String) throws {
        let folder = try folder(bytes)
        let message = folder.message {
            _ = try folder.dataset().unlabeled(SplitReference(split: "train"))
        }
        #expect(message.contains(problem), "\(message)")
        #expect(message.hasPrefix("train-images-idx3-ubyte"))
    }

    @Test func `need as many labels as pictures`() throws {
        let folder = try folder(images, idx([3], [0, 1, 2]))
        let message = folder.message {
            _ = try folder.dataset().labeled(SplitReference(split: "train"))
        }
        #expect(
            message.contains("should be [2], as many as train-images-idx3-ubyte has, found [3]")
        )
    }
}

@Suite struct `Folders of pictures` {
    private func folder(_ places: [String: String]) throws -> DataFolder {
        let folder = try DataFolder()
        for (place, source) in places {
            let file = folder.url.appending(path: place)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try FileManager.default.copyItem(at: photographs.appending(path: source), to: file)
        }
        return folder
    }

    private func names(_ examples: UnlabeledExamples, in folder: DataFolder) -> [String] {
        examples.inputs.map { example in
            guard case .pictureFile(let path) = example else { return "\(example)" }
            return path.replacing(folder.url.path + "/", with: "")
        }
    }

    @Test func `have a folder for each class`() throws {
        let folder = try folder([
            "dog/2.png": "wide.png", "dog/1.jpg": "gray.jpg", "cat/1.PNG": "tall.png",
        ])
        try folder.write(Data(), to: "notes.pdf")
        let data = try folder.dataset()
        #expect(data.splits == ["all"])
        let examples = try data.labeled(all)
        #expect(names(examples.examples, in: folder) == ["cat/1.PNG", "dog/1.jpg", "dog/2.png"])
        #expect(examples.labels == [0, 1, 1])
        #expect(examples.classNames == ["cat", "dog"])
        let other = try data.labeled(all, classNames: ["dog", "cow", "cat"])
        #expect(other.labels == [2, 0, 0])
        #expect(data.files.count == 3)
    }

    @Test func `may be the splits of a data set`() throws {
        let folder = try folder([
            "train/cat/1.png": "wide.png", "train/dog/1.png": "tall.png", "test/1.png": "wide.png",
        ])
        let data = try folder.dataset()
        #expect(data.splits == ["test", "train"])
        #expect(try data.labeled(SplitReference(split: "train")).labels == [0, 1])
        let test = try data.unlabeled(SplitReference(split: "test"))
        #expect(names(test, in: folder) == ["test/1.png"])
        #expect(
            folder.message { _ = try data.labeled(SplitReference(split: "test")) }
                .contains("has no labels")
        )
        // A copy of a picture is not new data.
        #expect(test.overlap(with: try data.unlabeled(SplitReference(split: "train"))) == [0])
    }

    @Test func `may hold files about the pictures, but a picture makes no folder of data`() throws {
        let folder = try folder(["1.png": "wide.png", "2.png": "tall.png"])
        try folder.write(Data("{}".utf8), to: "metadata.json")
        let data = try folder.dataset()
        #expect(names(try data.unlabeled(all), in: folder) == ["1.png", "2.png"])
        try folder.write(Data("{\"text\": \"a\"}\n".utf8), to: "train.jsonl")
        #expect(try folder.dataset().splits == ["metadata", "train"])
    }

    @Test func `or a single picture`() throws {
        let folder = try folder(["photo.jpg": "gray.jpg"])
        let inputs = try folder.dataset("photo.jpg").unlabeled(all)
        #expect(names(inputs, in: folder) == ["photo.jpg"])
    }

    private func encoder(skipsBroken: Bool) throws -> PictureEncoder {
        let settings = """
            {"image_processor_type": "ViTImageProcessor", "size": {"height": 4, "width": 6}}
            """
        return PictureEncoder(
            try ImageProcessor(configuration: Data(settings.utf8)),
            for: nil,
            skipsBroken: skipsBroken
        )
    }

    @Test func `become pixel values in their order, for any number of workers`() throws {
        let folder = try folder(["1.png": "wide.png", "2.jpg": "gray.jpg", "3.png": "tall.png"])
        let inputs = try folder.dataset().unlabeled(all)
        let encoder = try encoder(skipsBroken: false)
        let encoded = try [1, 3].map { try encoder.encode(inputs, workers: Workers($0)) }
        #expect(encoded[0].count == 3)
        guard case .pixels(let pixels) = try encoded[0].input([2, 0]),
            case .pixels(let same) = try encoded[1].input([2, 0]),
            case .pixels(let first) = try encoded[0].selecting([0]).input([0])
        else {
            Issue.record("no pixels")
            return
        }
        #expect(pixels.shape == [2, 3, 4, 6])
        #expect(pixels.elements == same.elements)
        #expect(Array(pixels.elements.suffix(72)) == first.elements)
    }

    @Test func `name all that are broken, or leave them out`() throws {
        let folder = try folder(["2.png": "wide.png", "4.png": "tall.png"])
        try folder.write(Data("GIF89a............".utf8), to: "1.png")
        let whole = try Data(contentsOf: photographs.appending(path: "gray.jpg"))
        try folder.write(whole.prefix(whole.count / 2), to: "3.jpg")
        let inputs = try folder.dataset().unlabeled(all)
        let message = folder.message {
            _ = try encoder(skipsBroken: false).encode(inputs, workers: Workers(2))
        }
        #expect(message.hasPrefix("2 of the pictures cannot be read: "), "\(message)")
        for part in ["1.png", "GIF", "3.jpg", "--skip-broken"] { #expect(message.contains(part)) }
        let encoded = try encoder(skipsBroken: true).encode(inputs, workers: Workers(2))
        #expect(encoded.count == 2)
        #expect(encoded.skipped == [0, 2])
        #expect(names(inputs.leavingOut(encoded.skipped), in: folder) == ["2.png", "4.png"])
    }
}
