internal import CKernels

extension Tensor {
    /// The elements in a range of row-major positions: `[range.count]`.
    public func elements(in range: Range<Int>) -> Tensor {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) of \(count)")
        return unsafe Tensor(filling: [range.count]) {
            unsafe $0.update(from: pointer + range.lowerBound, count: range.count)
        }
    }

    /// The inner product of `other` with this tensor's elements in `range`.
    public func dot(_ other: Tensor, in range: Range<Int>) -> Double {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) of \(count)")
        precondition(other.count == range.count, "\(other.shape) against \(range)")
        return unsafe mgk_dot(range.count, pointer + range.lowerBound, other.pointer)
    }
}
