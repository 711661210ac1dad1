/// Leaves out points that nobody could see, so that drawings of long runs stay small.
enum Thinning {
    /// The indices of at most about so many values: both ends, and of every stretch the least and the
    /// largest value, so that no peak gets lost.
    static func indices(of values: [Double], limit: Int) -> [Int] {
        guard values.count > limit, limit >= 4 else { return Array(values.indices) }
        let stretches = (limit - 2) / 2
        var kept = [0]
        for stretch in 0..<stretches {
            let inner = values.count - 2
            let part = 1 + inner * stretch / stretches..<1 + inner * (stretch + 1) / stretches
            guard let least = part.min(by: { values[$0] < values[$1] }),
                let most = part.max(by: { values[$0] < values[$1] })
            else { continue }
            kept += least == most ? [least] : [min(least, most), max(least, most)]
        }
        return kept + [values.count - 1]
    }

    /// So many indices, evenly apart; every series begins at another place, so that marks of lines
    /// that lie on each other are seen.
    static func spread(_ count: Int, marks: Int, series: Int) -> [Int] {
        guard count > marks else { return Array(0..<count) }
        let stretch = Double(count) / Double(marks)
        let shift = 0.5 + 0.35 * Double(series % 3 - 1)
        return (0..<marks).map { min(Int((Double($0) + shift) * stretch), count - 1) }
    }
}
