/// The 95 % confidence interval of a proportion (Wilson, 1927).
///
/// With p = successes / n and z = 1.96, the standard normal's quantile at 0.975:
/// (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n). Unlike p ± z √(p(1 − p)/n), it stays inside
/// 0 … 1 and is right also where nearly all, or very few, examples are.
public struct WilsonInterval: Hashable, Sendable {
    /// The lower end.
    public let lower: Double
    /// The upper end.
    public let upper: Double

    /// The interval for a number of successes; 0 … 1 where nothing was tried.
    public init(successes: Int, trials: Int) {
        precondition(0 <= successes && successes <= trials, "\(successes) of \(trials)")
        guard trials > 0 else {
            (lower, upper) = (0, 1)
            return
        }
        let z = 1.959963984540054
        let n = Double(trials)
        let p = Double(successes) / n
        let center = p + z * z / (2 * n)
        let margin = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
        let scale = 1 + z * z / n
        // At the ends the terms cancel but for rounding, which may step outside.
        lower = successes == 0 ? 0 : max(0, (center - margin) / scale)
        upper = successes == trials ? 1 : min(1, (center + margin) / scale)
    }
}
