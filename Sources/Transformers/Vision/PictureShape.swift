/// The pictures that a model is made for, and how it cuts them into tokens.
public struct PictureShape: Sendable, Equatable {
    /// The number of channels.
    public let channels: Int
    /// The height and width that the model was trained with, in pixels; it reads others, too.
    public let size: Int
    /// The height and width of a patch, in pixels.
    public let patchSize: Int
    /// The number of tokens that the model puts before the patches.
    public let leadingTokens: Int

    /// The number of tokens of a picture: the rows that pass through the model's blocks.
    public func tokens(height: Int, width: Int) -> Int {
        leadingTokens + grid(height: height, width: width).count
    }

    /// The patches of a picture of the size that the model was trained with.
    var grid: PatchGrid { grid(height: size, width: size) }

    /// The patches of a picture of any size.
    func grid(height: Int, width: Int) -> PatchGrid {
        PatchGrid(height: height, width: width, patchSize: patchSize)
    }

    /// The patches of each of some pictures `[pictures, channels, height, width]`.
    func grid(of shape: [Int]) throws -> PatchGrid {
        guard shape.count == 4, shape[1] == channels, shape[2...].allSatisfy({ $0 >= patchSize })
        else {
            throw ModelInputError.pictureShape(
                found: shape,
                channels: channels,
                patchSize: patchSize
            )
        }
        return grid(height: shape[2], width: shape[3])
    }
}

/// The patches of a picture, line by line.
struct PatchGrid: Sendable, Equatable {
    let lines, columns: Int

    /// Whole patches only: what is left at the right and lower edges belongs to none.
    init(height: Int, width: Int, patchSize: Int) {
        (lines, columns) = (height / patchSize, width / patchSize)
    }

    var count: Int { lines * columns }
}
