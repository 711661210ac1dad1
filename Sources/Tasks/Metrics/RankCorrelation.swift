/// How far two quantities rise together, whatever their scales (Spearman, 1904).
///
/// ρ is Pearson's correlation of the ranks; equal values share the mean of theirs.
public enum RankCorrelation {
    /// Spearman's ρ of pairs, −1 … 1; `nil` where one side does not vary or a value is not a number.
    ///
    /// Complexity: O(n log n).
    public static func spearman(_ x: [Double], _ y: [Double]) -> Double? {
        precondition(x.count == y.count, "\(x.count) and \(y.count) values")
        guard !(x + y).contains(where: \.isNaN) else { return nil }
        let (first, second) = (ranks(of: x), ranks(of: y))
        // Ranks add up to the same sum whether some are shared or not.
        let mean = Double(x.count + 1) / 2
        var (xx, yy, xy) = (0.0, 0.0, 0.0)
        for (a, b) in zip(first, second) {
            xx += (a - mean) * (a - mean)
            yy += (b - mean) * (b - mean)
            xy += (a - mean) * (b - mean)
        }
        guard xx > 0, yy > 0 else { return nil }
        return min(max(xy / (xx * yy).squareRoot(), -1), 1)
    }

    /// The rank of each value, from 1; equal values have the mean of their ranks.
    static func ranks(of values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count)
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
            // The mean of start + 1 … end.
            for place in start..<end { ranks[order[place]] = Double(start + 1 + end) / 2 }
            start = end
        }
        return ranks
    }
}
