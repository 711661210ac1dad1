internal import CKernels

/// How the elements of two tensors agree, in numbers of elements.
public struct Agreement: Sendable, Equatable {
    /// Both are not 0.
    public var shared = 0
    /// Both are not 0, and of different signs.
    public var conflicts = 0
    /// Both are not 0, and each is at least as large in magnitude as its threshold.
    public var large = 0

    /// No elements at all.
    public init() {}

    /// The counts of two disjoint parts together.
    public static func + (a: Agreement, b: Agreement) -> Agreement {
        var sum = a
        sum.shared += b.shared
        sum.conflicts += b.conflicts
        sum.large += b.large
        return sum
    }
}

extension Tensor {
    /// Compares the elements with those of a tensor of equal count.
    public func agreement(
        with other: Tensor,
        thresholds: (own: Float, other: Float)
    ) -> Agreement {
        precondition(count == other.count, "\(shape) and \(other.shape)")
        var counts: [Int64] = [0, 0, 0]
        // Three numbers are written into three places.
        unsafe mgk_agreement(
            count,
            pointer,
            other.pointer,
            thresholds.own,
            thresholds.other,
            &counts
        )
        var result = Agreement()
        result.shared = Int(counts[0])
        result.conflicts = Int(counts[1])
        result.large = Int(counts[2])
        return result
    }
}
