internal import FoundationEssentials
internal import Glibc

/// An open file, closed with its last reference.
///
/// The system calls of this module, with the file and the reason in every error.
final class FileDescriptor: Sendable {
    let path: String
    let number: Int32

    /// Opens a regular file for reading.
    init(reading path: String) throws(CheckpointError) {
        // Without O_NONBLOCK, opening a FIFO would wait for somebody to write to it.
        // The path is a C string for the duration of the call.
        number = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        self.path = path
        if number < 0 { throw .system(action: "open", file: path, code: errno) }
        let kind = try status().kind
        if kind != "a file" { throw .notAFile(file: path, kind: kind) }
    }

    /// Opens a file for writing; `creating` refuses one that exists.
    init(writing path: String, creating: Bool) throws(CheckpointError) {
        let creation = creating ? O_CREAT | O_EXCL | O_NOFOLLOW : 0
        // As above. The mode is cut by the process's mask.
        number = unsafe open(path, O_WRONLY | O_CLOEXEC | creation, 0o666)
        self.path = path
        if number < 0 { throw .system(action: "create", file: path, code: errno) }
    }

    deinit { if number >= 0 { close(number) } }
}

extension FileDescriptor {
    /// The present size in bytes, and what kind of thing this is.
    func status() throws(CheckpointError) -> (size: Int, kind: String) {
        let status = try examine()
        let kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: "a file"
            case S_IFDIR: "a directory"
            case S_IFIFO: "a pipe"
            case S_IFSOCK: "a socket"
            default: "a device"
            }
        return (Int(status.st_size), kind)
    }

    /// What tells the present content from any other.
    func stamp() throws(CheckpointError) -> FileStamp { FileStamp(try examine()) }

    private func examine() throws(CheckpointError) -> stat {
        var status = stat()
        // The call fills the structure before it is read.
        guard unsafe fstat(number, &status) == 0 else {
            throw .system(action: "examine", file: path, code: errno)
        }
        return status
    }

    /// Writes all the bytes at an offset; any number of threads may do so at once.
    func write(_ bytes: RawSpan, at offset: Int) throws(CheckpointError) {
        var written = 0
        while written < bytes.byteCount {
            // The span is alive during the call and holds as many bytes as are named.
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe pwrite(
                    number,
                    buffer.baseAddress?.advanced(by: written),
                    buffer.count - written,
                    off_t(offset + written)
                )
            }
            if count < 0, errno == EINTR { continue }
            if count <= 0 {
                throw .system(action: "write", file: path, code: count < 0 ? errno : ENOSPC)
            }
            written += count
        }
    }

    /// Waits until what was written is on the disk.
    func synchronize() throws(CheckpointError) {
        if fsync(number) != 0 { throw .system(action: "write", file: path, code: errno) }
    }

    /// Asks the system to forget what it holds of the synchronised file in memory.
    func dropCopies() { posix_fadvise(number, 0, 0, POSIX_FADV_DONTNEED) }
}

/// Makes a directory and those around it, unless it is there.
///
/// Errors name `destination` where that is the user's word for it.
func createDirectory(_ url: URL, for destination: URL? = nil) throws(CheckpointError) {
    if url.isDirectory { return }
    let parent = url.deletingLastPathComponent()
    if parent.path != url.path { try createDirectory(parent, for: destination) }
    // The path is a C string for the duration of the call.
    if unsafe mkdir(url.path, 0o777) != 0, errno != EEXIST {
        throw .system(action: "create", file: (destination ?? url).path, code: errno)
    }
}

/// Gives a file or directory another name; an existing file of that name is replaced at once.
func rename(_ source: String, to destination: String) throws(CheckpointError) {
    // Both paths are C strings for the duration of the call.
    if unsafe rename(source, destination) != 0 {
        throw .system(action: "put into place", file: destination, code: errno)
    }
}

/// Waits until the names in a directory are on the disk.
///
/// Best effort: some file systems do not offer it, and the content is safe already.
func synchronize(directory: String) {
    // As above.
    let number = unsafe open(directory, O_RDONLY | O_CLOEXEC | O_DIRECTORY)
    if number >= 0 {
        fsync(number)
        close(number)
    }
}

/// The words of the system for an error code.
func systemMessage(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    // The call writes at most the buffer's size, with the terminating zero.
    let status = unsafe strerror_r(code, &buffer, buffer.count)
    let message = buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
    return status == 0 ? String(decoding: message, as: UTF8.self) : "error \(code)"
}

/// What to do about an error of the system, where that is known.
func remedy(for code: Int32) -> String {
    switch code {
    case ENOENT, ENOTDIR: "; check the path"
    case EACCES, EPERM, EROFS: "; check the permissions or choose another place"
    case ENOSPC, EDQUOT: "; free some space or choose another place"
    case EMFILE, ENFILE: "; raise the limit on open files (ulimit -n)"
    default: ""
    }
}
