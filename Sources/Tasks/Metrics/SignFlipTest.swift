internal import Tensors

/// Whether paired results differ in their mean by more than chance (Fisher, 1935).
///
/// If two methods were alike, each task's difference could as well have the other sign. p is the part of
/// all choices of signs whose mean is at least as far from 0: all 2ⁿ up to 20 differences, and else a
/// number of random ones. It assumes no distribution, but with n tasks p is no less than 2/2ⁿ.
public struct SignFlipTest: Hashable, Sendable {
    /// The mean of the differences.
    public let mean: Double
    /// The probability of a mean that is at least as far from 0 if signs were chance.
    public let pValue: Double

    /// Tests differences, one for each task; the seed matters where signs are drawn.
    public init(differences: [Double], seed: UInt64 = 0, draws: Int = 100_000) {
        let count = differences.count
        let sum = differences.reduce(0, +)
        mean = count == 0 ? 0 : sum / Double(count)
        // Sums in another order may differ in their last bits from one that is equal.
        let size = differences.reduce(0) { $0 + abs($1) }
        let least = abs(sum) - size * 1e-12
        func isAsFar(_ signs: UInt64) -> Bool {
            var total = 0.0
            for (index, difference) in differences.enumerated() {
                total += signs >> UInt64(index) & 1 == 0 ? difference : -difference
            }
            return abs(total) >= least
        }
        if count <= 20 {
            // Turning all signs changes nothing: the last one stays.
            let choices: UInt64 = 1 << UInt64(max(count - 1, 0))
            let far = (0..<choices).count(where: isAsFar)
            pValue = Double(far) / Double(choices)
        } else {
            var generator = SeededGenerator(seed: seed, "signs")
            let far = (0..<draws).count { _ in
                var total = 0.0
                for start in stride(from: 0, to: count, by: 64) {
                    var signs = generator.next()
                    for difference in differences[start..<min(start + 64, count)] {
                        total += signs & 1 == 0 ? difference : -difference
                        signs >>= 1
                    }
                }
                return abs(total) >= least
            }
            // The signs as they are count as one of the draws, so that p is never 0.
            pValue = Double(far + 1) / Double(draws + 1)
        }
    }
}
