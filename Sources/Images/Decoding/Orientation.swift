/// How a camera was held: which corner of the stored picture is the upper left one.
///
/// The numbers are those of EXIF's tag 0x0112.
enum Orientation: Int {
    case upright = 1
    case mirrored
    case upsideDown
    case mirroredUpsideDown
    /// Rows and columns exchanged.
    case transposed
    /// To be turned clockwise by a quarter.
    case onItsLeftSide
    /// Rows and columns exchanged, both from their ends.
    case transverse
    /// To be turned anticlockwise by a quarter.
    case onItsRightSide
}

extension Picture {
    /// The picture as it was seen, from how it is stored.
    func turned(_ orientation: Orientation) -> Picture {
        if orientation == .upright { return self }
        let (right, down) = (1, width)
        let (lastColumn, lastRow) = (width - 1, (height - 1) * width)
        // Where the upper left pixel is stored, and the steps to its neighbours right and below.
        let (start, column, row) =
            switch orientation {
            case .upright: (0, right, down)
            case .mirrored: (lastColumn, -right, down)
            case .upsideDown: (lastRow + lastColumn, -right, -down)
            case .mirroredUpsideDown: (lastRow, right, -down)
            case .transposed: (0, down, right)
            case .onItsLeftSide: (lastRow, -down, right)
            case .transverse: (lastRow + lastColumn, -down, -right)
            case .onItsRightSide: (lastColumn, down, -right)
            }
        let isTurned = orientation.rawValue > Orientation.mirroredUpsideDown.rawValue
        let size = isTurned ? (height: width, width: height) : (height: height, width: width)
        var turned: [UInt8] = []
        turned.reserveCapacity(pixels.count)
        for y in 0..<size.height {
            var source = (start + y * row) * 3
            for _ in 0..<size.width {
                turned.append(pixels[source])
                turned.append(pixels[source + 1])
                turned.append(pixels[source + 2])
                source += column * 3
            }
        }
        return Picture(height: size.height, width: size.width, pixels: turned)
    }
}
