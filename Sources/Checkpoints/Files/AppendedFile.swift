public import FoundationEssentials
internal import Glibc

/// A file that several processes add lines to.
public enum AppendedFile {
    /// Adds bytes at the end of a file, which is made where there is none.
    ///
    /// They come whole between those of others: one call of the system writes them.
    public static func append(_ data: Data, to url: URL) throws(CheckpointError) {
        // The path is a C string for the duration of the call.
        let number = unsafe open(url.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
        if number < 0 { throw .system(action: "create", file: url.path, code: errno) }
        defer { close(number) }
        // The buffer is alive during the call and holds as many bytes as are named.
        let count = unsafe data.withUnsafeBytes { bytes in
            unsafe Glibc.write(number, bytes.baseAddress, bytes.count)
        }
        if count != data.count {
            throw .system(action: "write", file: url.path, code: count < 0 ? errno : ENOSPC)
        }
    }
}
