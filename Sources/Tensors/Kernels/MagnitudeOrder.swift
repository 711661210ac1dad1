/// The ranks of the magnitudes of a tensor that is shown in blocks, in about a byte for each element.
///
/// Of the sorted magnitudes every 256th is kept. A search among them finds a rank but for its last
/// byte, and that is kept for every element. Sorting needs eight bytes for each, for a while.
public struct MagnitudeOrder: Sendable {
    /// The keys of the ranks 0, 256, 512, ….
    private let milestones: [UInt64]
    private let lastBytes: [UInt8]

    /// The order of a tensor of so many elements, whose blocks are shown from the first to the last.
    public init(
        count: Int,
        _ forEachBlock: (_ show: (Tensor) -> Void) throws -> Void
    ) rethrows {
        var keys: [UInt64] = []
        keys.reserveCapacity(count)
        try forEachBlock { block in
            block.withSpan { span in
                for i in span.indices { keys.append(MagnitudeKey.of(span[i], at: keys.count)) }
            }
        }
        precondition(keys.count == count, "\(keys.count) of \(count) elements were shown")
        keys.sort()
        var lastBytes = [UInt8](repeating: 0, count: count)
        for rank in keys.indices {
            lastBytes[MagnitudeKey.position(of: keys[rank])] = UInt8(truncatingIfNeeded: rank)
        }
        self.lastBytes = lastBytes
        milestones = stride(from: 0, to: count, by: 256).map { keys[$0] }
    }

    /// The ranks of a block of the tensor that begins at `start`, from 0 for the smallest magnitude.
    ///
    /// Of equal ones those count as larger that come first.
    public func ranks(of block: Tensor, from start: Int) -> Tensor {
        block.withSpan { span in
            Tensor(block.shape) { output in
                for i in span.indices {
                    let position = start + i
                    let key = MagnitudeKey.of(span[i], at: position)
                    var (low, high) = (0, milestones.count)
                    while low < high {
                        let middle = (low + high) / 2
                        if milestones[middle] <= key { low = middle + 1 } else { high = middle }
                    }
                    // The first milestone is the least key of all.
                    output.append(Float(256 * max(low - 1, 0) + Int(lastBytes[position])))
                }
            }
        }
    }
}

/// One integer for a magnitude and, below it, where it is: of equal ones the first has the largest.
enum MagnitudeKey {
    /// The pattern of a positive float grows with it.
    static func of(_ element: Float, at position: Int) -> UInt64 {
        UInt64(abs(element).bitPattern) << 32 | UInt64(UInt32.max - UInt32(position))
    }

    static func position(of key: UInt64) -> Int {
        Int(UInt32.max - UInt32(truncatingIfNeeded: key))
    }
}
