internal import FoundationEssentials
internal import Glibc
internal import Synchronization

/// A file that appears under its name only when it is complete.
///
/// It is written beside its place, under a hidden name, and renamed. Whatever happens before, what
/// had that name stays as it was, and the unfinished file is removed with its last reference.
final class OutputFile: Sendable {
    let destination: URL
    private let descriptor: FileDescriptor
    private let isPending = Mutex(true)

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

    func write(_ bytes: RawSpan, at offset: Int) throws(CheckpointError) {
        try descriptor.write(bytes, at: offset)
    }

    func write(_ bytes: Span<UInt8>, at offset: Int) throws(CheckpointError) {
        try descriptor.write(bytes, at: offset)
    }

    func write(_ elements: Span<Float>, at offset: Int) throws(CheckpointError) {
        try descriptor.write(elements, at: offset)
    }

    /// Waits until the content is on the disk.
    func synchronize() throws(CheckpointError) { try descriptor.synchronize() }

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
