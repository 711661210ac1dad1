package import FoundationEssentials
internal import Glibc

/// A file whose bytes can be read as if they were in memory.
///
/// The pages are read when they are touched and belong to the system's cache, so a model that is
/// larger than memory can be mapped, and several processes share one copy.
///
/// A file that somebody truncates while it is mapped takes its pages away, and touching those ends
/// the process with SIGBUS. `check()` notices a file that has become shorter; only one that is
/// truncated between the check and the access remains fatal. Programs that replace files by
/// renaming, as this library does, are harmless: the old content stays until it is unmapped.
@safe package final class MappedFile: @unchecked Sendable {
    package let url: URL
    /// The number of bytes when the file was opened.
    package let count: Int
    private let descriptor: FileDescriptor
    private let address: UnsafeMutableRawPointer?

    package init(_ url: URL) throws(CheckpointError) {
        self.url = url
        descriptor = try FileDescriptor(reading: url.path)
        count = try descriptor.status().size
        guard count > 0 else {
            // Nothing cannot be mapped.
            unsafe address = nil
            return
        }
        // A private read-only mapping of the whole file, whose length was asked just now.
        let mapping = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor.number, 0)
        if unsafe mapping == MAP_FAILED {
            throw .system(action: "map", file: url.path, code: errno)
        }
        unsafe address = mapping
    }

    deinit { if let address = unsafe address { unsafe munmap(address, count) } }

    /// Makes sure that the file still has all its bytes.
    package func check() throws(CheckpointError) {
        let size = try descriptor.status().size
        if size < count { throw .shrunk(file: url.path, expected: count, found: size) }
    }

    /// What tells its present content from any other.
    func stamp() throws(CheckpointError) -> FileStamp { try descriptor.stamp() }

    /// Reads some of the bytes.
    package func withBytes<R, E: Error>(
        _ range: Range<Int>,
        _ body: (RawSpan) throws(E) -> R
    ) throws(E) -> R {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "bytes of the file")
        // The range is inside the mapping, and the span cannot outlive the call, during which
        // `self` keeps the mapping alive.
        let bytes = unsafe UnsafeRawBufferPointer(
            start: address?.advanced(by: range.lowerBound),
            count: range.count
        )
        return try unsafe body(RawSpan(_unsafeBytes: bytes))
    }

    /// A copy of some of the bytes, as little-endian integers of any alignment.
    package func copy<I: FixedWidthInteger & BitwiseCopyable>(
        _ range: Range<Int>,
        as _: I.Type = UInt8.self
    ) throws(CheckpointError) -> [I] {
        try check()
        let size = I.bitWidth / 8
        precondition(range.count.isMultiple(of: size), "whole integers")
        return withBytes(range) { bytes in
            (0..<range.count / size).map { position in
                // The position is inside the range, and integers have no invalid patterns.
                let value = unsafe bytes.unsafeLoadUnaligned(
                    fromUncheckedByteOffset: position * size,
                    as: I.self
                )
                return I(littleEndian: value)
            }
        }
    }
}

/// The content of a small file, refusing one of more than `limit` bytes.
package func contents(of url: URL, limit: Int = 100_000_000) throws(CheckpointError) -> [UInt8] {
    let file = try MappedFile(url)
    if file.count > limit { throw .tooLarge(file: url.path, limit: limit, found: file.count) }
    return try file.copy(0..<file.count)
}
