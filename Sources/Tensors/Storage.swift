internal import Glibc

/// Owned, fixed-size memory for floats: written while it is being created, read-only afterwards.
///
/// Immutability is what makes sharing it between threads sound; only `Tensor` writes to it again,
/// and only where it is the sole owner.
@safe final class Storage: @unchecked Sendable {
    let buffer: UnsafeMutableBufferPointer<Float>
    let count: Int
    /// Where the memory begins that `buffer` lies in.
    private let allocation: UnsafeMutableRawPointer

    /// Memory of `count` floats, aligned for the widest vectors.
    ///
    /// Not by `posix_memalign`: before glibc 2.38 that cannot use a hole of just the right size, and
    /// a step that takes and frees the same blocks again and again came to hold a quarter more.
    init(uninitialized count: Int) {
        self.count = count
        let alignment = 64
        let bytes = max(count, 1) * MemoryLayout<Float>.stride
        guard let allocation = unsafe malloc(bytes + alignment) else {
            preconditionFailure("out of memory: \(bytes) bytes for a tensor")
        }
        // Aligning skips fewer bytes than were added; `count` floats follow, which belong to this
        // object alone.
        unsafe self.allocation = allocation
        unsafe buffer = UnsafeMutableBufferPointer(
            start: allocation.alignedUp(toMultipleOf: alignment)
                .bindMemory(to: Float.self, capacity: count),
            count: count
        )
    }

    deinit { unsafe free(allocation) }

    func withSpan<R, E: Error>(_ body: (Span<Float>) throws(E) -> R) throws(E) -> R {
        // The span cannot outlive the call, during which `self` keeps the memory alive.
        try body(unsafe Span(_unsafeElements: UnsafeBufferPointer(buffer)))
    }
}
