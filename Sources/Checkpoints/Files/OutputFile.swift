internal import FoundationEssentials
internal import Glibc
internal import Synchronization
internal import Tensors

/// A file that appears under its name only when it is complete.
///
/// It is written beside its place, under a hidden name, and renamed. Whatever happens before, what
/// had that name stays as it was, and the unfinished file is removed with its last reference.
final class OutputFile: Sendable {
    let destination: URL
    private let descriptor: FileDescriptor
    private let isPending = Mutex(true)
    private let written = Mutex<[Part]>([])

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
        written.withLock { $0.append(part) }
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

    /// Waits until the content is on the disk, and compares it with what was written.
    ///
    /// The system is told to drop its copies first, so that they do not speak for the disk.
    ///
    /// - Returns: The file as it was read back.
    @discardableResult
    func synchronize() throws(CheckpointError) -> MappedFile {
        try descriptor.synchronize()
        descriptor.dropCopies()
        let file = try MappedFile(URL(filePath: descriptor.path))
        let parts = written.withLock { $0 }
        let size = parts.map(\.range.upperBound).max() ?? 0
        guard file.count == size else {
            throw .notAsWritten(
                file: destination.path,
                reason: "had \(file.count) bytes instead of \(size)"
            )
        }
        for part in parts {
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
