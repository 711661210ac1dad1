internal import FoundationEssentials
internal import Glibc

/// The SHA-256 of large files that were hashed before and have not been touched since.
///
/// A merge names the hash of every input, and on a processor without instructions for SHA-256 that
/// takes longer than the merge. A file is known by what the system says of it, as in git's index: its
/// place on the disk, its size, and the times at which its content and its status changed last. The
/// last of these nobody can set, so a file that was written to is hashed again, whatever other times
/// it was given. What cannot be read or written here only costs the hashing.
struct KnownHashes: Sendable {
    /// Where they lie, a small file for each; `nil` keeps none.
    let directory: URL?
    /// Files below this size are not worth it.
    var leastSize: Int
    /// How long ago a file must have changed, in nanoseconds: another change within the clock's
    /// resolution would not show.
    var settling: Int64

    /// The hashes in a directory, by default one in the user's cache.
    init(
        directory: URL? = UserCache.directory("hashes"),
        leastSize: Int = 1 << 24,
        settling: Int64 = 2_000_000_000
    ) {
        self.directory = directory
        (self.leastSize, self.settling) = (leastSize, settling)
    }

    /// The hash of a file in hexadecimal, if it is known.
    func hash(of file: MappedFile) -> String? {
        guard file.count >= leastSize, let stamp = try? file.stamp(), let entry = entry(stamp),
            let text = try? contents(of: entry, limit: 1000)
        else { return nil }
        let words = String(decoding: text, as: UTF8.self).split(separator: "\n")
        guard words.count == 2, words[0] == stamp.text, words[1].utf8.count == 64,
            words[1].allSatisfy(\.isHexDigit)
        else { return nil }
        return String(words[1])
    }

    /// The hash of a file, known or as `make` finds it, which is then known.
    func hash<E: Error>(
        of file: MappedFile,
        orMaking make: () throws(E) -> String
    ) throws(E) -> String {
        if let known = hash(of: file) { return known }
        let before = try? file.stamp()
        let made = try make()
        if let before { remember(made, of: file, since: before) }
        return made
    }

    /// Keeps the hash of a file that had a stamp before it was read.
    func remember(_ hash: String, of file: MappedFile, since before: FileStamp) {
        guard file.count >= leastSize, let entry = entry(before),
            before.isOlder(than: settling), (try? file.stamp()) == before
        else { return }
        do {
            try createDirectory(entry.deletingLastPathComponent())
            try AtomicFile.write("\(before.text)\n\(hash)\n", to: entry)
        } catch {
            // It is hashed again the next time.
        }
    }

    private func entry(_ stamp: FileStamp) -> URL? {
        directory?.appending(path: "\(stamp.device)-\(stamp.inode)")
    }
}

/// What the system says of a file, by which a change of it shows.
struct FileStamp: Equatable, Sendable {
    /// The disk.
    let device: UInt64
    /// The place on the disk.
    let inode: UInt64
    /// The number of bytes.
    let size: Int
    /// When the content was changed, in nanoseconds since 1970.
    let modified: Int64
    /// When anything was changed, these times among it.
    let changed: Int64

    init(_ status: stat) {
        func nanoseconds(_ time: timespec) -> Int64 {
            Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
        }
        (device, inode, size) = (UInt64(status.st_dev), UInt64(status.st_ino), Int(status.st_size))
        (modified, changed) = (nanoseconds(status.st_mtim), nanoseconds(status.st_ctim))
    }

    fileprivate var text: String { "\(size) \(modified) \(changed)" }

    fileprivate func isOlder(than nanoseconds: Int64) -> Bool {
        Double(changed) + Double(nanoseconds) <= Date().timeIntervalSince1970 * 1e9
    }
}
