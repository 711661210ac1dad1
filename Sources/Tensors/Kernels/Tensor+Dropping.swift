internal import CKernels

extension Tensor {
    /// Sets elements to 0 at random: each stays with its own probability.
    ///
    /// With `rescaling`, what stays is divided by that, and no element changes on average. The elements
    /// are those from `start` on: what a place is given does not depend on how a parameter is cut into
    /// blocks. Two places share a number of the generator, whose 64 bits are enough for both.
    public mutating func drop(
        keeping probabilities: Tensor,
        rescaling: Bool,
        by generator: SeededGenerator,
        from start: Int
    ) {
        precondition(probabilities.count == count, "\(shape) and \(probabilities.shape)")
        precondition(start >= 0, "\(start)")
        let count = count
        unsafe withMutablePointer {
            unsafe mgk_drop(
                count,
                generator.state,
                start,
                rescaling ? 1 : 0,
                probabilities.pointer,
                $0
            )
        }
    }

    /// The sum of all magnitudes.
    public func magnitudeSum() -> Double { unsafe mgk_magnitude_sum(count, pointer) }
}
