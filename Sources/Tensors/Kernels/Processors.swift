internal import CKernels

/// The number of cores that this process may run on: its affinity, not the machine's size.
func activeProcessorCount() -> Int { Int(mgk_processor_count()) }

/// How the process uses memory.
public enum ScratchMemory {
    /// Keeps freed memory for the next step instead of returning it to the system.
    ///
    /// A training step takes and frees the same large blocks again and again; asking the system for
    /// fresh, zeroed pages each time would cost as much as several kernels. Call once, at the start
    /// of a program; a library that is a guest in another program leaves the choice to its host.
    public static func keep() { mgk_keep_memory() }
}
