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
        let parts = try positions.map { position in
            switch sources[position] {
            case .values(let row): return try row.values()
            case .prepared(let picture): return try values(of: picture)
            case .file(let path):
                let picture = try Picture(contentsOf: URL(filePath: path))
                guard let processor else { throw DataError.noImageProcessor(path) }
                return try values(of: processor.cropped(picture))
            }
        }
        let shape = parts.first?.shape ?? [3, 0, 0]
        if let other = parts.first(where: { $0.shape != shape }) {
            throw ProcessorError.unequalSizes(
                first: Array(shape.dropFirst()),
                other: Array(other.shape.dropFirst())
            )
        }
        return Tensor(joiningRowsOf: parts).reshaped([parts.count] + shape)
    }

    func selecting(_ positions: [Int]) -> PreparedPictures {
        PreparedPictures(
            sources: positions.map { sources[$0] },
            processor: processor,
            lengths: positions.map { lengths[$0] }
        )
    }

    private func values(of picture: Picture) throws -> Tensor {
        guard let processor else { throw DataError.noImageProcessor("the data") }
        return Tensor([3, picture.height, picture.width]) { processor.append(picture, to: &$0) }
    }
}
