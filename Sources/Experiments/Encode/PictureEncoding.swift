internal import Checkpoints
public import Foundation
internal import Images
internal import Presentation
public import Tasks
public import Tensors
internal import Transformers

/// Turns pictures into the pixel values that a model reads, by its `preprocessor_config.json`.
public struct PictureEncoding: Sendable {
    /// What was written.
    public struct Summary: Codable, Sendable {
        /// The shape of `pixel_values`: `[pictures, 3, height, width]`.
        public let shape: [Int]
        /// How many pictures could not be read and were left out.
        public let skipped: Int

        /// The summary in one line.
        public var text: String {
            let size = "\(shape[2]) × \(shape[3])"
            let left = skipped == 0 ? "" : ", \(NumberText.grouped(skipped)) left out"
            return "\(NumberText.grouped(shape[0])) pictures of \(size) pixels\(left)\n"
        }
    }

    private let inputs: UnlabeledExamples
    private let encoder: PictureEncoder
    private let workers: Workers
    private let observer: Observer

    /// Opens pictures, and the processor in a model's directory, which may hold nothing else.
    ///
    /// - Returns: `nil` where the inputs are texts.
    public init?(
        _ source: DataSource,
        model reference: String,
        workers: Workers,
        observer: Observer
    ) throws {
        guard !TextInputs.isPlainText(source) else { return nil }
        let dataset = try Dataset(source)
        guard try dataset.holdsPictures() else { return nil }
        let here = URL(filePath: FileManager.default.currentDirectoryPath)
        let directory = try ModelDirectory(resolving: reference, relativeTo: [here])
        let processor = try ImageProcessor.first(
            in: [directory.url],
            configuration: directory.configuration ?? Data()
        )
        let inputs = try dataset.onlySplit()
        (self.inputs, self.workers, self.observer) = (inputs, workers, observer)
        encoder = PictureEncoder(processor, for: nil, skipsBroken: source.skipsBroken)
    }

    /// Writes `pixel_values` `[pictures, 3, height, width]` in the order of the inputs.
    public func write(to file: URL) throws -> Summary {
        observer.begin("reading pictures", inputs.count)
        let encoded = try encoder.encode(inputs, workers: workers, progress: observer.advance)
        guard case .pixels(let first) = try encoded.input([0]) else {
            throw DataError.otherKind(file.path, expected: "pictures")
        }
        let shape = [encoded.count] + first.shape.dropFirst()
        let writer = try CheckpointWriter(
            file: file,
            tensors: [TensorDeclaration(name: "pixel_values", dtype: .float32, shape: shape)],
            metadata: [:]
        )
        observer.begin("writing", encoded.count)
        for start in stride(from: 0, to: encoded.count, by: 32) {
            let positions = Array(start..<min(start + 32, encoded.count))
            guard case .pixels(let pixels) = try encoded.input(positions) else { continue }
            guard pixels.shape.dropFirst() == shape.dropFirst() else {
                throw ProcessorError.unequalSizes(
                    first: Array(shape.dropFirst(2)),
                    other: Array(pixels.shape.dropFirst(2))
                )
            }
            try pixels.withSpan {
                try writer.write("pixel_values", $0, at: start * pixels.rowWidth)
            }
            observer.advance(positions.count)
        }
        try writer.finish()
        return Summary(shape: shape, skipped: encoded.skipped.count)
    }
}
