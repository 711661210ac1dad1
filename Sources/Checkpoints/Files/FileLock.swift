public import FoundationEssentials
internal import Glibc

/// A file that one holder at a time has to itself, whatever the process or, on a shared file system,
/// the machine; who dies lets go of it.
///
/// A class, since it is held as long as there is a reference to it. `flock` belongs to an open file, so
/// two holders in one process exclude each other, too; on network file systems Linux makes a lock of
/// the file server of it.
public final class FileLock: Sendable {
    private let number: Int32

    /// Takes the lock, or gives `nil` where somebody else has it.
    ///
    /// - Throws: `CheckpointError.system` where the file cannot be made or locked.
    public init?(trying url: URL) throws(CheckpointError) {
        try createDirectory(url.deletingLastPathComponent())
        // The path is a C string for the duration of the call.
        number = unsafe open(url.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        if number < 0 { throw .system(action: "create", file: url.path, code: errno) }
        while flock(number, LOCK_EX | LOCK_NB) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK: return nil
            default: throw .system(action: "lock", file: url.path, code: errno)
            }
        }
    }

    deinit { if number >= 0 { close(number) } }
}
