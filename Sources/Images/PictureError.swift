/// Why a file does not become a picture.
public enum PictureError: Error, Hashable, Sendable {
    /// A file could not be read at all.
    case unreadable(file: String, reason: String)
    /// A file has no bytes.
    case empty(file: String)
    /// A file is of a kind that is known and not supported.
    case otherFormat(file: String, found: String)
    /// A file begins like nothing that is known; `start` holds its first bytes.
    case unknownFormat(file: String, start: [UInt8])
    /// A picture has more pixels than the limit allows.
    case tooLarge(file: String, height: Int, width: Int, limit: Int)
    /// A file has fewer bytes than any file of so many pixels.
    case tooShort(file: String, height: Int, width: Int, bytes: Int)
    /// A file ends before its last pixel.
    case truncated(file: String, format: String)
    /// A part of a file has another checksum than the one written beside it.
    case checksum(file: String, format: String, reason: String)
    /// A file contradicts its format or itself.
    case corrupt(file: String, format: String, reason: String)
    /// A file uses a part of its format that no decoder here reads.
    case unsupported(file: String, format: String, reason: String)
    /// There is not enough memory for the picture.
    case outOfMemory(file: String, format: String)
}

extension PictureError: CustomStringConvertible {
    /// One sentence with the file, what was expected, what was found and what to do.
    public var description: String {
        switch self {
        case .unreadable(let file, let reason):
            "\(file) cannot be read: \(reason)."
        case .empty(let file):
            "\(file) is empty, expected a PNG or JPEG picture; fetch it again."
        case .otherFormat(let file, let found):
            "\(file) is \(found), expected a PNG or JPEG picture; convert it or fetch it again."
        case .unknownFormat(let file, let start):
            "\(file) is neither PNG nor JPEG, whatever its name: it begins with the bytes "
                + start.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
                + "; convert it or leave it out."
        case .tooLarge(let file, let height, let width, let limit):
            "\(file) claims \(height) rows of \(width) pixels, more than the limit of \(limit) "
                + "pixels; make it smaller or raise the limit."
        case .tooShort(let file, let height, let width, let bytes):
            "\(file) claims \(height) rows of \(width) pixels, which \(bytes) bytes cannot hold; "
                + "it is damaged or cut off, so fetch it again."
        case .truncated(let file, let format):
            "\(file) ends before its \(format) picture does; fetch it again."
        case .checksum(let file, let format, let reason):
            "\(file) is a damaged \(format) file, its checksum is wrong: \(reason); fetch it again."
        case .corrupt(let file, let format, let reason):
            "\(file) is a damaged \(format) file: \(reason); fetch it again or leave it out."
        case .unsupported(let file, let format, let reason):
            "\(file) is a \(format) file of a kind that is not supported: \(reason); convert it."
        case .outOfMemory(let file, let format):
            "There is not enough memory to decode \(file) (\(format)); make it smaller."
        }
    }
}
