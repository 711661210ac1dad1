internal import FoundationEssentials
internal import Images
internal import Tensors

/// Pictures of the size that a model reads.
///
/// Files are decoded once, side by side, and kept in 8 bits while they fit into `cacheLimit`; those
/// beyond are decoded again by whoever needs them. That is the worker that runs the model on them,
/// so decoding uses whatever cores the model does.
public struct PreparedPictures: Sendable {
    enum Source: Sendable {
        /// A picture of the model's size, in 8 bits.
        case prepared(Picture)
        /// A file that is decoded when it is needed.
        case file(String)
        /// Pixel values that are known.
        case values(PixelRow)
    }

    /// The bytes of 8-bit pictures that are kept of one split.
    static let cacheLimit = 1 << 29

    let sources: [Source]
    let processor: ImageProcessor?
    /// The number of tokens that the model makes of every picture.
    public let lengths: [Int]

    /// The number of pictures.
    public var count: Int { sources.count }

    /// The pixel values of some pictures, `[pictures, channels, height, width]`.
    func pixels(_ positions: [Int]) throws -> Tensor {
        let values = positions.compactMap { position -> PixelRow? in
            if case .values(let row) = sources[position] { row } else { nil }
        }
        // All examples of a split are of one kind.
        guard values.isEmpty else {
            return try Tensor(joiningRowsOf: values.map { try $0.values() })
                .reshaped([values.count] + (values.first?.shape ?? []))
        }
        guard let processor else { throw DataError.noImageProcessor("the data") }
        return try processor.batch(positions.map { try picture(at: $0, processor) })
    }

    private func picture(at position: Int, _ processor: ImageProcessor) throws -> Picture {
        switch sources[position] {
        case .prepared(let picture): picture
        case .file(let path): try processor.cropped(Picture(contentsOf: URL(filePath: path)))
        case .values: preconditionFailure("pixel values among pictures")
        }
    }

    func selecting(_ positions: [Int]) -> PreparedPictures {
        PreparedPictures(
            sources: positions.map { sources[$0] },
            processor: processor,
            lengths: positions.map { lengths[$0] }
        )
    }
}
