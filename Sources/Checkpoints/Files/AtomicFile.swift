public import FoundationEssentials

/// Small files that are either there in full or not at all.
public enum AtomicFile {
    /// Writes a file beside its place and gives it its name when it is on the disk.
    public static func write(_ data: Data, to url: URL) throws(CheckpointError) {
        try write([UInt8](data), to: url)
    }

    /// Writes a text in UTF-8, in the same way.
    public static func write(_ text: String, to url: URL) throws(CheckpointError) {
        try write([UInt8](text.utf8), to: url)
    }

    static func write(_ bytes: [UInt8], to url: URL) throws(CheckpointError) {
        let file = try OutputFile(url)
        do throws(CheckpointError) {
            try file.write(bytes.span, at: 0)
            try file.synchronize()
            try file.publish()
        } catch {
            file.discard()
            throw error
        }
    }
}
