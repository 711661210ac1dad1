internal import CKernels

/// Finds the k-th largest magnitude of numbers that are seen block by block, without sorting them.
///
/// The bit pattern of a positive float grows with it: one pass counts the upper 16 bits, a second
/// one the lower 16 bits of those that fall into the bin found. 512 KB, whatever the number.
public struct MagnitudeSelection: Sendable {
    private var counts = [UInt64](repeating: 0, count: 1 << 16)
    private var high: UInt32?
    /// How many of the largest remain to be found inside the bin.
    private var rank: UInt64 = 0

    /// A selection that has seen nothing.
    public init() {}

    /// Looks at a block; every pass must see the same blocks.
    public mutating func add(_ block: Tensor) {
        let high = high
        unsafe counts.withUnsafeMutableBufferPointer { counts in
            // The patterns are shifted or masked to 16 bits, so they stay inside the counts.
            if let high {
                unsafe mgk_count_low(block.count, high, block.pointer, counts.baseAddress)
            } else {
                unsafe mgk_count_high(block.count, block.pointer, counts.baseAddress)
            }
        }
    }

    /// Ends the first pass: the `rank`-th largest (from 1) is looked for in the second one.
    public mutating func narrow(toRank rank: Int) {
        (high, self.rank) = find(UInt64(max(1, rank)))
        counts = [UInt64](repeating: 0, count: 1 << 16)
    }

    /// Adds what another selection counted in the same pass.
    public mutating func merge(_ other: MagnitudeSelection) {
        for index in counts.indices { counts[index] += other.counts[index] }
    }

    /// A selection in the same pass that has counted nothing.
    public var emptied: MagnitudeSelection {
        var copy = self
        copy.counts = [UInt64](repeating: 0, count: 1 << 16)
        return copy
    }

    /// The magnitude, after the second pass, and how many of those equal to it belong to the rank.
    public var result: (threshold: Float, ties: Int) {
        let (low, rest) = find(rank)
        return (Float(bitPattern: (high ?? 0) << 16 | low), Int(rest))
    }

    private func find(_ rank: UInt64) -> (bin: UInt32, rest: UInt64) {
        var above: UInt64 = 0
        for bin in stride(from: counts.count - 1, through: 0, by: -1) {
            if above + counts[bin] >= rank { return (UInt32(bin), rank - above) }
            above += counts[bin]
        }
        return (0, 0)
    }
}

extension Tensor {
    /// Sets to 0 what is smaller in magnitude than the threshold.
    public mutating func trim(below threshold: Float) {
        let count = count
        unsafe withMutablePointer { unsafe mgk_trim(count, threshold, $0) }
    }

    /// Sets to 0 what has another sign than `sum`, or than `majority` where that is 0.
    public mutating func keep(signOf sum: Tensor, majority: Float) {
        precondition(sum.count == count)
        let count = count
        unsafe withMutablePointer { unsafe mgk_keep_sign(count, majority, sum.pointer, $0) }
    }

    /// The number of elements that are exactly so large in magnitude.
    public func count(ofMagnitude magnitude: Float) -> Int {
        Int(unsafe mgk_count_equal(count, magnitude, pointer))
    }

    /// Adds those elements of a vector that have this tensor's sign, which is positive where it is 0, to
    /// a sum, and in their places the vector's weight to a sum of weights.
    public func addAgreeing(
        _ vector: Tensor,
        weight: Float,
        to sum: inout Tensor,
        weights: inout Tensor
    ) {
        precondition(vector.count == count && sum.count == count && weights.count == count)
        unsafe sum.withMutablePointer { sum in
            unsafe weights.withMutablePointer { weights in
                unsafe mgk_add_agreeing(count, weight, pointer, vector.pointer, sum, weights)
            }
        }
    }

    /// How many more elements are positive than negative.
    public var signBalance: Int { Int(unsafe mgk_sign_balance(count, pointer)) }
}
