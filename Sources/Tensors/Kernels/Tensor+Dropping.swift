internal import CKernels

extension Tensor {
    /// Sets elements to 0 at random: each stays with its own probability.
    ///
    /// With `rescaling`, what stays is divided by that, and no element changes on average. Position
    /// i takes the i-th number of the generator, wherever a parameter is cut into blocks.
    public mutating func drop(
        keeping probabilities: Tensor,
        rescaling: Bool,
        by generator: SeededGenerator
    ) {
        precondition(probabilities.count == count, "\(shape) and \(probabilities.shape)")
        let count = count
        unsafe withMutablePointer {
            unsafe mgk_drop(
                count,
                generator.state,
                rescaling ? 1 : 0,
                probabilities.pointer,
                $0
            )
        }
    }

    /// The sum of all magnitudes.
    public func magnitudeSum() -> Double { unsafe mgk_magnitude_sum(count, pointer) }
}
