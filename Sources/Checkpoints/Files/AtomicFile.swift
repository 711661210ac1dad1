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

    /// Copies a file in the same way, of which little is in memory at a time.
    static func copy(_ source: URL, to url: URL) throws(CheckpointError) {
        let (source, file) = (try MappedFile(source), try OutputFile(url))
        let block = 1 << 22
        do throws(CheckpointError) {
            for start in stride(from: 0, to: source.count, by: block) {
                try source.check()
                let range = start..<min(start + block, source.count)
                try source.withBytes(range) { (bytes) throws(CheckpointError) in
                    try file.write(bytes, at: start)
                }
            }
            try file.synchronize()
            try file.publish()
        } catch {
            file.discard()
            throw error
        }
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
