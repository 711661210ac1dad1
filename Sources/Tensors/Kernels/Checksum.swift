internal import CKernels

/// Tells whether bytes are the same as before, at the speed of memory.
///
/// It finds what disks and mistakes do; whoever wants to can make other bytes with the same number.
package struct Checksum: Sendable, Equatable {
    private let value: UInt64

    /// The number of some bytes.
    package init(_ bytes: RawSpan) {
        value = unsafe bytes.withUnsafeBytes { buffer in
            // An empty span may have an address or none. As many bytes follow it as are named.
            guard let start = buffer.baseAddress, buffer.count > 0 else { return 0 }
            return unsafe mgk_checksum(buffer.count, start)
        }
    }
}
