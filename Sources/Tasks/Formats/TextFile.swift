internal import Checkpoints
internal import FoundationEssentials

/// The bytes of a text file, from behind a byte order mark.
struct TextFile {
    /// The most bytes of a line or a record: far more than any model reads.
    static let recordLimit = 1 << 22
    /// The most bytes of a file, all of which are in memory while it is read.
    private static let fileLimit = 1 << 32

    let bytes: [UInt8]
    /// The position of the first byte of the text.
    let start: Int

    init(_ url: URL) throws(CheckpointError) {
        self.init(bytes: try contents(of: url, limit: Self.fileLimit))
    }

    init(bytes: [UInt8]) {
        self.bytes = bytes
        start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }
}

extension TextFile {
    /// Calls `body` with the number and the bytes of every line that is not blank.
    func forEachLine(_ body: (Int, ArraySlice<UInt8>) -> Void) {
        var number = 1
        var start = start
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            let line = bytes[start..<end]
            if !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { body(number, line) }
            start = end + 1
            number += 1
        }
    }
}
