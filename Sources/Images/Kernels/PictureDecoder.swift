internal import CImages

/// A system library that decodes one format.
@safe struct PictureDecoder: Sendable {
    private typealias Function =
        @convention(c) @Sendable (
            UnsafePointer<UInt8>, Int, UnsafeMutablePointer<mgi_header>,
            UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<CChar>
        ) -> mgi_outcome

    /// What the beginning of a file claims.
    struct Header {
        fileprivate var value = mgi_header()

        var height: Int { Int(value.height) }
        var width: Int { Int(value.width) }
        /// More pixels than these do not fit into a byte of a file like this one.
        var pixelsPerByte: Int { Int(value.pixels_per_byte) }
    }

    static let png = unsafe PictureDecoder("PNG", mgi_decode_png)
    static let jpeg = unsafe PictureDecoder("JPEG", mgi_decode_jpeg)

    /// The name of the format.
    let format: String
    private let function: Function

    private init(_ format: String, _ function: Function) {
        self.format = format
        unsafe self.function = unsafe function
    }

    /// Reads the header of a file, and takes no memory that grows with what it claims.
    func header(of bytes: Span<UInt8>, file: String) throws(PictureError) -> Header {
        var header = Header()
        try unsafe decode(bytes, &header, into: nil, file: file)
        return header
    }

    /// The pixels `[height, width, 3]` of a file, whose header was read before.
    func pixels(
        of bytes: Span<UInt8>,
        header: Header,
        file: String
    ) throws(PictureError) -> [UInt8] {
        var header = header
        var pixels = [UInt8](repeating: 0, count: header.height * header.width * 3)
        try unsafe pixels.withUnsafeMutableBufferPointer { target throws(PictureError) in
            try unsafe decode(bytes, &header, into: target.baseAddress, file: file)
        }
        return pixels
    }

    /// `target` is nothing, or room for the pixels of the size in `header`.
    private func decode(
        _ bytes: Span<UInt8>,
        _ header: inout Header,
        into target: UnsafeMutablePointer<UInt8>?,
        file: String
    ) throws(PictureError) {
        var message = [CChar](repeating: 0, count: Int(MGI_MESSAGE_CAPACITY))
        // The function reads inside `bytes`, writes inside `target`, whose size it compares with
        // the file's, and ends `message` by a zero inside its capacity.
        let outcome = unsafe bytes.withUnsafeBufferPointer { source in
            unsafe message.withUnsafeMutableBufferPointer { message in
                guard let from = source.baseAddress, let words = message.baseAddress else {
                    return MGI_TRUNCATED
                }
                return unsafe function(from, source.count, &header.value, target, words)
            }
        }
        if outcome == MGI_DECODED { return }
        let text = String(
            decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)),
            as: UTF8.self
        )
        throw PictureError(outcome, file: file, format: format, reason: text)
    }
}

extension PictureError {
    fileprivate init(_ outcome: mgi_outcome, file: String, format: String, reason: String) {
        self =
            switch outcome {
            case MGI_TRUNCATED: .truncated(file: file, format: format)
            case MGI_CHECKSUM: .checksum(file: file, format: format, reason: reason)
            case MGI_UNSUPPORTED: .unsupported(file: file, format: format, reason: reason)
            case MGI_MEMORY: .outOfMemory(file: file, format: format)
            default: .corrupt(file: file, format: format, reason: reason)
            }
    }
}
