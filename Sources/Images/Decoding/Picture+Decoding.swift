public import Foundation

/// What a file may ask of this machine.
public struct PictureLimits: Sendable {
    /// The most pixels of a picture, checked before memory for them is taken.
    public var pixels: Int

    /// Limits; by default as many pixels as Pillow decodes before it calls a file a bomb.
    public init(pixels: Int = 178_956_970) { self.pixels = pixels }
}

extension Picture {
    /// Decodes a PNG or JPEG file and turns it as its EXIF orientation says.
    ///
    /// Grey is repeated over the channels, palettes are looked up, transparency is dropped without
    /// compositing, of 16-bit samples the upper byte is taken, CMYK becomes RGB as in Pillow. What
    /// is cut off or damaged is an error, never a picture with made-up pixels.
    ///
    /// - Parameters:
    ///   - bytes: The whole file; its first bytes, not its name, say what it is.
    ///   - file: What errors call the file.
    ///   - limits: What the file may ask for.
    /// - Throws: `PictureError`, which says what the file is or what is wrong with it.
    public init(
        decoding bytes: Span<UInt8>,
        file: String,
        limits: PictureLimits = PictureLimits()
    ) throws(PictureError) {
        let format = try FileFormat(decodable: bytes, file: file)
        let decoder = format == .png ? PictureDecoder.png : PictureDecoder.jpeg
        let header = try decoder.header(of: bytes, file: file)
        let (height, width) = (header.height, header.width)
        let (pixels, isTooMany) = height.multipliedReportingOverflow(by: width)
        guard !isTooMany, pixels <= min(limits.pixels, Int.max / 4) else {
            throw .tooLarge(file: file, height: height, width: width, limit: limits.pixels)
        }
        guard pixels / header.pixelsPerByte <= bytes.count else {
            throw .tooShort(file: file, height: height, width: width, bytes: bytes.count)
        }
        let stored = Picture(
            height: height,
            width: width,
            pixels: try decoder.pixels(of: bytes, header: header, file: file)
        )
        self = stored.turned(Orientation(of: format, bytes))
    }

    /// Decodes a PNG or JPEG file in memory.
    public init(
        decoding data: Data,
        file: String,
        limits: PictureLimits = PictureLimits()
    ) throws(PictureError) {
        try self.init(decoding: data.span, file: file, limits: limits)
    }

    /// Reads and decodes a PNG or JPEG file.
    public init(
        contentsOf url: URL,
        limits: PictureLimits = PictureLimits()
    ) throws(PictureError) {
        let data: Data
        do { data = try Data(contentsOf: url) } catch {
            throw .unreadable(file: url.path, reason: error.localizedDescription)
        }
        try self.init(decoding: data.span, file: url.path, limits: limits)
    }
}

extension FileFormat {
    /// PNG or JPEG, or an error that says what the file is instead.
    fileprivate init(decodable bytes: Span<UInt8>, file: String) throws(PictureError) {
        guard !bytes.isEmpty else { throw .empty(file: file) }
        switch FileFormat(bytes) {
        case .other(let found): throw .otherFormat(file: file, found: found)
        case let format?: self = format
        case nil:
            // The beginning of a signature is a file that was cut off very early.
            let start = (0..<min(bytes.count, 12)).map { bytes[$0] }
            for (name, signature) in [("PNG", Self.pngSignature), ("JPEG", Self.jpegSignature)]
            where bytes.count < signature.count && signature.starts(with: start) {
                throw .truncated(file: file, format: name)
            }
            throw .unknownFormat(file: file, start: start)
        }
    }
}
