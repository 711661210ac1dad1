internal import Tensors

/// The interval of a mean difference between paired results (Efron, 1979).
///
/// Differences, one for each task or example, are drawn anew with replacement; the interval holds 95 %
/// of the means, by their percentiles. With fewer than about ten differences it is too narrow.
public struct PairedBootstrap: Hashable, Sendable {
    /// The mean of the differences.
    public let mean: Double
    /// The lower end of the 95 % interval.
    public let lower: Double
    /// The upper end of the 95 % interval.
    public let upper: Double

    /// Draws differences anew so many times; `nil` where there are none.
    public init?(differences: [Double], seed: UInt64 = 0, draws: Int = 10_000) {
        precondition(draws > 0, "\(draws) draws")
        guard !differences.isEmpty else { return nil }
        let count = differences.count
        var generator = SeededGenerator(seed: seed, "bootstrap")
        let means = (0..<draws).map { _ in
            let sum = (0..<count).reduce(0.0) { sum, _ in
                // The bias of the high half of the product is below 2⁻³² for any count here.
                let index = generator.next().multipliedFullWidth(by: UInt64(count)).high
                return sum + differences[Int(index)]
            }
            return sum / Double(count)
        }.sorted()
        /// A quantile between two means, as NumPy has it.
        func quantile(_ share: Double) -> Double {
            let place = share * Double(draws - 1)
            let index = min(Int(place), draws - 1)
            let next = means[min(index + 1, draws - 1)]
            return means[index] + (next - means[index]) * (place - Double(index))
        }
        mean = differences.reduce(0, +) / Double(count)
        (lower, upper) = (quantile(0.025), quantile(0.975))
    }
}
