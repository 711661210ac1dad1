internal import Dispatch
internal import FoundationEssentials
internal import Glibc
internal import Synchronization
internal import Tensors

/// A file that appears under its name only when it is complete.
///
/// It is written beside its place, under a hidden name, and renamed. Whatever happens before, what
/// had that name stays as it was, and the unfinished file is removed with its last reference.
///
/// What was written is read again and compared, a large file's parts while others are still written:
/// the disk works while the processor does.
final class OutputFile: Sendable {
    let destination: URL
    private let descriptor: FileDescriptor
    private let isPending = Mutex(true)
    private let written = Mutex(Written())
    /// Where parts are read again, one batch behind the other.
    private let reading = DispatchQueue(label: "reading again")
    private let failure = Mutex<CheckpointError?>(nil)

    /// So many bytes are read again at once.
    private static let batch = 64 << 20

    /// What was written so far.
    private struct Written {
        /// Where the file ends.
        var end = 0
        /// What was not read again yet, and its bytes.
        var unread: [Part] = []
        var bytes = 0
    }

    /// Some bytes as they were handed over.
    private struct Part {
        let range: Range<Int>
        let checksum: Checksum
    }

    init(_ destination: URL) throws(CheckpointError) {
        self.destination = destination
        let path = partial(destination).path
        do throws(CheckpointError) {
            descriptor = try FileDescriptor(writing: path, creating: true)
        } catch {
            // The name that the user knows.
            guard case .system(_, _, let code) = error else { throw error }
            throw .system(action: "create", file: destination.path, code: code)
        }
    }

    deinit { discard() }

    /// Writes bytes at an offset; every byte is to be written once.
    func write(_ bytes: RawSpan, at offset: Int) throws(CheckpointError) {
        try descriptor.write(bytes, at: offset)
        let part = Part(range: offset..<offset + bytes.byteCount, checksum: Checksum(bytes))
        let batch = written.withLock { written in
            written.end = max(written.end, part.range.upperBound)
            written.unread.append(part)
            written.bytes += part.range.count
            guard written.bytes >= Self.batch else { return [Part]() }
            defer { (written.unread, written.bytes) = ([], 0) }
            return written.unread
        }
        guard !batch.isEmpty else { return }
        reading.async {
            do throws(CheckpointError) { try self.readAgain(batch) } catch {
                self.failure.withLock { $0 = $0 ?? error }
            }
        }
    }

    func write(_ bytes: Span<UInt8>, at offset: Int) throws(CheckpointError) {
        // Bytes have no alignment and no invalid patterns.
        try unsafe write(bytes.bytes, at: offset)
    }

    /// Writes float32 numbers as they are in memory, which is little-endian.
    func write(_ elements: Span<Float>, at offset: Int) throws(CheckpointError) {
        // As above: floats have no padding.
        try unsafe write(elements.bytes, at: offset)
    }

    /// Waits until the content is on the disk, and all of it was compared with what was written.
    ///
    /// - Returns: The file as it was read back.
    @discardableResult
    func synchronize() throws(CheckpointError) -> MappedFile {
        reading.sync {}
        if let failure = failure.withLock({ $0 }) { throw failure }
        let (size, rest) = written.withLock { ($0.end, $0.unread) }
        let file = try readAgain(rest)
        guard file.count == size else { throw hasOtherSize(file) }
        return file
    }

    /// Waits until what was written is on the disk, and compares some parts with it.
    ///
    /// The system is told to drop its copies first, so that they do not speak for the disk.
    @discardableResult
    private func readAgain(_ parts: [Part]) throws(CheckpointError) -> MappedFile {
        try descriptor.synchronize()
        descriptor.dropCopies()
        let file = try MappedFile(URL(filePath: descriptor.path))
        for part in parts {
            guard part.range.upperBound <= file.count else { throw hasOtherSize(file) }
            let found = file.withBytes(part.range) { Checksum($0) }
            guard found == part.checksum else {
                throw .notAsWritten(
                    file: destination.path,
                    reason: "differed in the bytes \(part.range)"
                )
            }
        }
        return file
    }

    private func hasOtherSize(_ file: MappedFile) -> CheckpointError {
        let size = written.withLock { $0.end }
        let reason = "had \(file.count) bytes instead of \(size)"
        return .notAsWritten(file: destination.path, reason: reason)
    }

    /// Gives the synchronised file its name.
    func publish() throws(CheckpointError) {
        try rename(descriptor.path, to: destination.path)
        isPending.withLock { $0 = false }
        Checkpoints.synchronize(directory: destination.deletingLastPathComponent().path)
    }

    /// Removes the file unless it has been published.
    func discard() {
        let wasPending = isPending.withLock { isPending in
            defer { isPending = false }
            return isPending
        }
        if wasPending { try? FileManager.default.removeItem(atPath: descriptor.path) }
    }
}

/// A hidden name beside a destination, unlike that of any other process or call.
func partial(_ destination: URL) -> URL {
    let unique = String(UInt32.random(in: 0...UInt32.max), radix: 36)
    let name = ".\(destination.lastPathComponent).partial-\(getpid())-\(unique)"
    return destination.deletingLastPathComponent().appending(path: name)
}
