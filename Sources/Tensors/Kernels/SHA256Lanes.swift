internal import CKernels

/// The SHA-256 of several messages side by side, one in each lane of a vector.
///
/// Each step of a hash waits for the one before, which leaves most of a processor idle: eight messages
/// take little longer than one. Not for processors with instructions for SHA-256: those are faster.
package struct SHA256Lanes {
    /// The most messages at once.
    package static let count = Int(MGK_HASH_LANES)
    /// Whether this is the fast way on this processor.
    package static let areFast = mgk_hashes_in_lanes() != 0

    /// The bytes of a block, and how many blocks are taken at once.
    private static let (block, blocks) = (64, 64)
    /// The bytes from one message in the buffer to the next.
    ///
    /// Without a line of the cache in between, all would compete for the same places in it.
    private static let stride = block * (blocks + 1)

    /// Eight words of every message, word by word.
    private var state = FIPS180.initial.flatMap { Array(repeating: $0, count: count) }
    private var buffer = [UInt8](repeating: 0, count: count * stride)

    /// The hashes of messages of so many bytes; `show` hands over a part of one.
    package static func hashes<E: Error>(
        ofMessages lengths: [Int],
        _ show: (_ message: Int, _ part: Range<Int>, _ take: (RawSpan) -> Void) throws(E) -> Void
    ) throws(E) -> [[UInt8]] {
        precondition(lengths.count <= count, "\(lengths.count) messages in \(count) lanes")
        var lanes = SHA256Lanes()
        var hashes = lengths.map { _ in [UInt8]() }
        let ends = lengths.map(FIPS180.blocks)
        var done = 0
        while let next = ends.filter({ $0 > done }).min() {
            let step = min(next - done, blocks)
            let bytes = done * block..<(done + step) * block
            for (message, length) in lengths.enumerated() where ends[message] > done {
                let part = bytes.clamped(to: 0..<length)
                if !part.isEmpty { try show(message, part) { lanes.put($0, message) } }
                if bytes.upperBound > length { lanes.pad(message, in: bytes, of: length) }
            }
            lanes.hash(step)
            done += step
            for message in lengths.indices where ends[message] == done {
                hashes[message] = lanes.hash(of: message)
            }
        }
        return hashes
    }

    private mutating func put(_ bytes: RawSpan, _ message: Int) {
        precondition(bytes.byteCount <= Self.block * Self.blocks, "\(bytes.byteCount) bytes")
        let start = message * Self.stride
        unsafe bytes.withUnsafeBytes { source in
            unsafe buffer.withUnsafeMutableBytes { target in
                // So many bytes belong to each message.
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[start...])
                    .copyMemory(from: source)
            }
        }
    }

    /// Writes what follows a message of `length` bytes into the part `bytes` of it.
    private mutating func pad(_ message: Int, in bytes: Range<Int>, of length: Int) {
        for position in max(length, bytes.lowerBound)..<bytes.upperBound {
            buffer[message * Self.stride + position - bytes.lowerBound] =
                FIPS180.padding(at: position, of: length)
        }
    }

    private mutating func hash(_ blocks: Int) {
        // The buffer holds `blocks` of every message, the state eight words of every message.
        unsafe mgk_hash_blocks(blocks, Self.stride, buffer, &state)
    }

    private func hash(of message: Int) -> [UInt8] {
        (0..<8).flatMap { word in
            let value = state[word * Self.count + message]
            return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
        }
    }
}

/// What the standard says of SHA-256 but for its rounds.
private enum FIPS180 {
    static let initial: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
        0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]

    /// The blocks of a message with its padding.
    static func blocks(of length: Int) -> Int { (length + 9 + 63) / 64 }

    /// A byte behind a message: a bit, zeros, and the number of bits in the last eight bytes.
    static func padding(at position: Int, of length: Int) -> UInt8 {
        let fromEnd = blocks(of: length) * 64 - 1 - position
        if position == length { return 0x80 }
        return fromEnd < 8 ? UInt8(truncatingIfNeeded: (length << 3) >> (8 * fromEnd)) : 0
    }
}
