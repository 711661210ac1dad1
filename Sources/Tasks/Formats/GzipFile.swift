internal import CZlib
internal import FoundationEssentials

/// A file that zlib decompresses as it is read; a plain file is read as it is.
@safe final class GzipFile {
    private let path: String
    private let handle: gzFile

    init(_ file: URL) throws(DataError) {
        path = file.path
        // The name is a valid C string for the time of the call; the handle is closed in `deinit`.
        guard let opened = unsafe gzopen(path, "rb") else { throw .unreadableFile(path) }
        unsafe handle = opened
        unsafe gzbuffer(handle, 1 << 17)
    }

    deinit { unsafe gzclose(handle) }

    /// The next bytes, fewer at the end of the file; memory grows with what is there, not with what
    /// is asked for.
    func read(_ count: Int) throws(DataError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let wanted = min(count - bytes.count, 1 << 22)
            var status: Int32 = 0
            let part = unsafe [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
                // The buffer has room for the bytes that are asked for.
                status = unsafe gzread(handle, buffer.baseAddress, UInt32(wanted))
                filled = max(0, Int(status))
            }
            var code: Int32 = 0
            _ = unsafe gzerror(handle, &code)
            guard status >= 0, code == Z_OK else {
                throw .notIDX(path, found: "its compressed data are damaged or cut off")
            }
            if part.isEmpty { break }
            bytes += part
        }
        return bytes
    }
}
