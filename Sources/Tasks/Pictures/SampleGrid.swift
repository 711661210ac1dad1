internal import Images

/// A picture as samples of 8 bits: grey, or red, green and blue.
public struct SampleGrid: Hashable, Sendable {
    /// The number of rows.
    public let height: Int
    /// The number of columns.
    public let width: Int
    /// The samples, `[height, width]` or `[height, width, 3]`.
    public let samples: ArraySlice<UInt8>

    /// A picture of one sample for each pixel, or three.
    public init(height: Int, width: Int, samples: ArraySlice<UInt8>) {
        let pixels = height * width
        precondition(pixels > 0 && [pixels, 3 * pixels].contains(samples.count))
        (self.height, self.width, self.samples) = (height, width, samples)
    }

    /// The picture in colour; grey is repeated over the channels.
    var picture: Picture {
        samples.count == height * width
            ? Picture(height: height, width: width, gray: samples)
            : Picture(height: height, width: width, pixels: Array(samples))
    }
}
