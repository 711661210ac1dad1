/// The mean of results and how much these differ: of seeds, of tasks.
public struct MeanDeviation: Hashable, Sendable {
    /// The arithmetic mean.
    public let mean: Double
    /// The standard deviation of the sample, with n − 1; `nil` of a single result.
    public let deviation: Double?
    /// The number of results.
    public let count: Int

    /// The mean of results, or `nil` where there are none.
    public init?(_ values: [Double]) {
        guard !values.isEmpty else { return nil }
        count = values.count
        let mean = values.reduce(0, +) / Double(count)
        // From the mean, not from sums of squares, whose difference has lost its digits.
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        self.mean = mean
        deviation = count > 1 ? (squares / Double(count - 1)).squareRoot() : nil
    }
}
