internal import Glibc

/// Owned, fixed-size memory for floats: written while it is being created, read-only afterwards.
///
/// Immutability is what makes sharing it between threads sound; only `Tensor` writes to it again,
/// and only where it is the sole owner.
@safe final class Storage: @unchecked Sendable {
    let buffer: UnsafeMutableBufferPointer<Float>
    let count: Int

    /// Memory of `count` floats, aligned for the widest vectors.
    init(uninitialized count: Int) {
        self.count = count
        var memory: UnsafeMutableRawPointer?
        let bytes = max(count, 1) * MemoryLayout<Float>.stride
        let status = unsafe posix_memalign(&memory, 64, bytes)
        guard status == 0, let memory = unsafe memory else {
            preconditionFailure("out of memory: \(bytes) bytes for a tensor")
        }
        // The allocation holds at least `count` floats and belongs to this object alone.
        unsafe buffer = UnsafeMutableBufferPointer(
            start: memory.bindMemory(to: Float.self, capacity: count),
            count: count
        )
    }

    deinit { unsafe free(buffer.baseAddress) }

    func withSpan<R, E: Error>(_ body: (Span<Float>) throws(E) -> R) throws(E) -> R {
        // The span cannot outlive the call, during which `self` keeps the memory alive.
        try body(unsafe Span(_unsafeElements: UnsafeBufferPointer(buffer)))
    }
}
