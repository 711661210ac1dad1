internal import Presentation

/// How far work has come, as one line.
struct ProgressLine: Equatable {
    let title: String
    let done: Int
    /// The units of all work; 0 where nobody knows.
    let total: Int
    /// The units done in a second so far; `nil` before there is anything to tell it from.
    let rate: Double?

    private var count: String {
        let done = NumberText.grouped(done)
        return total > 0 ? "\(done)/\(NumberText.grouped(total))" : self.done > 0 ? done : ""
    }

    private var speed: String? {
        rate.map {
            $0 >= 1
                ? "\(NumberText.significant($0))/s" : "\(NumberText.significant(1 / $0)) s each"
        }
    }

    private var remaining: String? {
        guard let rate, total > done else { return nil }
        return "\(NumberText.clock(Double(total - done) / rate)) left"
    }

    private func facts(_ parts: [String?]) -> String {
        parts.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: " · ")
    }

    /// Everything that is known, for a log.
    var plain: String {
        let facts = facts([count, speed, remaining])
        return facts.isEmpty ? title : "\(title): \(facts)"
    }

    /// A bar with what fits beside it, in so many columns at most.
    func bar(width: Int) -> String {
        for parts in [[count, speed, remaining], [count, remaining], [count]] {
            let facts = facts(parts)
            let room = width - title.displayWidth - facts.displayWidth - 2
            guard total > 0, room >= 8 else { continue }
            let length = min(room, 32)
            let share = Double(min(done, total)) / Double(total)
            let filled = Int(Double(length) * share)
            let bar =
                String(repeating: "█", count: filled)
                + String(repeating: "░", count: length - filled)
            return "\(title) \(bar) \(facts)"
        }
        let short = facts([count, remaining])
        let line = short.isEmpty ? title : "\(title) \(short)"
        if line.displayWidth <= width { return line }
        return (count.isEmpty ? title : "\(title) \(count)").clipped(toWidth: width)
    }
}
