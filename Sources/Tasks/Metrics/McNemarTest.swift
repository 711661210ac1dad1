/// Whether two models that answered the same examples differ in more than chance (McNemar, 1947).
///
/// Only examples that one of them got right and the other wrong say anything. If both were equally
/// good, each such example would fall to either side like a coin: p is the probability of a split that
/// is at least as uneven, 2·P(X ≤ min(b, c)) for X of Binomial(b + c, ½), exactly.
public struct McNemarTest: Hashable, Sendable {
    /// The examples that only the first model got right.
    public let onlyFirst: Int
    /// The examples that only the second model got right.
    public let onlySecond: Int

    /// The test of two counts.
    public init(onlyFirst: Int, onlySecond: Int) {
        precondition(onlyFirst >= 0 && onlySecond >= 0, "\(onlyFirst) and \(onlySecond) examples")
        (self.onlyFirst, self.onlySecond) = (onlyFirst, onlySecond)
    }

    /// The test of two models' answers, each right or wrong, to the same examples in one order.
    public init(first: [Bool], second: [Bool]) {
        precondition(first.count == second.count, "\(first.count) and \(second.count) answers")
        let pairs = zip(first, second)
        self.init(
            onlyFirst: pairs.count { $0 && !$1 },
            onlySecond: pairs.count { !$0 && $1 }
        )
    }

    /// The probability of a split that is at least as uneven if both models were equally good.
    ///
    /// The binomial coefficients are formed from the largest one, which counts as 1, outwards: so none
    /// overflows, and those that underflow are too small to matter. Complexity: O(b + c).
    public var pValue: Double {
        let count = onlyFirst + onlySecond
        let least = min(onlyFirst, onlySecond)
        let middle = count / 2
        var (term, half, tail) = (1.0, 0.0, 0.0)
        for index in stride(from: middle, through: 0, by: -1) {
            // An even number has one middle, which belongs to both halves.
            half += index == middle && count.isMultiple(of: 2) ? term / 2 : term
            if index <= least { tail += term }
            term *= Double(index) / Double(count - index + 1)
        }
        return min(1, tail / half)
    }
}
