internal import CKernels

extension Tensor {
    /// The inner product of `other` with this tensor's elements in `range`.
    public func dot(_ other: Tensor, in range: Range<Int>) -> Double {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) of \(count)")
        precondition(other.count == range.count, "\(other.shape) against \(range)")
        return unsafe mgk_dot(range.count, pointer + range.lowerBound, other.pointer)
    }
}
