/// A picture of 8-bit red, green and blue samples.
public struct Picture: Sendable, Equatable {
    /// The number of rows.
    public let height: Int
    /// The number of columns.
    public let width: Int
    /// The samples, `[height, width, 3]`.
    public let pixels: [UInt8]

    /// A picture of samples `[height, width, 3]`.
    public init(height: Int, width: Int, pixels: [UInt8]) {
        precondition(height > 0 && width > 0, "\(height) × \(width) is no picture")
        precondition(
            pixels.count == height * width * 3,
            "\(pixels.count) samples for \(height) × \(width) pixels"
        )
        self.height = height
        self.width = width
        self.pixels = pixels
    }
}

extension Picture {
    /// A picture of grey samples `[height, width]`, which are repeated over the three channels.
    public init(height: Int, width: Int, gray samples: some Sequence<UInt8>) {
        var pixels: [UInt8] = []
        pixels.reserveCapacity(height * width * 3)
        for sample in samples { pixels.append(repeating: sample, count: 3) }
        self.init(height: height, width: width, pixels: pixels)
    }

    /// The part of `height × width` pixels in the middle.
    ///
    /// Where the picture is smaller, it is first surrounded by black, the odd row above and the odd
    /// column to the left: so does transformers' `center_crop`.
    func centerCrop(height: Int, width: Int) -> Picture {
        if (height, width) == (self.height, self.width) { return self }
        let rows = CenterCrop(from: self.height, to: height)
        let columns = CenterCrop(from: self.width, to: width)
        var cropped = [UInt8](repeating: 0, count: height * width * 3)
        for row in 0..<rows.count {
            let source = ((rows.source + row) * self.width + columns.source) * 3
            let target = ((rows.target + row) * width + columns.target) * 3
            cropped.replaceSubrange(
                target..<target + columns.count * 3,
                with: pixels[source..<source + columns.count * 3]
            )
        }
        return Picture(height: height, width: width, pixels: cropped)
    }
}

/// What a centred crop keeps of one axis: `count` positions, and where these begin on either side.
private struct CenterCrop {
    let source: Int
    let target: Int
    let count: Int

    init(from length: Int, to wanted: Int) {
        let padding = (max(wanted - length, 0) + 1) / 2
        // The start of the crop in the padded picture: the difference halved, rounded down.
        let start = ((length - wanted) >> 1) + padding
        source = max(start - padding, 0)
        target = max(padding - start, 0)
        count = min(length, wanted)
    }
}

extension [UInt8] {
    fileprivate mutating func append(repeating element: UInt8, count: Int) {
        for _ in 0..<count { append(element) }
    }
}
