/// Numbers as people read them, the same in every locale.
package enum NumberText {
    /// A count with its digits in groups of three.
    package static func grouped(_ count: Int) -> String {
        let digits = Array(String(count.magnitude))
        let groups = stride(from: digits.count, to: 0, by: -3).map {
            String(digits[max(0, $0 - 3)..<$0])
        }
        return (count < 0 ? "-" : "") + groups.reversed().joined(separator: ",")
    }

    /// A number of bytes in the largest unit that it has one of.
    package static func bytes(_ count: Int) -> String {
        var (value, unit) = (Double(count), 0)
        let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
        while value >= 999.5, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        return (unit == 0 ? String(count) : significant(value)) + " " + units[unit]
    }

    /// A number with three significant digits, or all of those before the point.
    package static func significant(_ number: Double) -> String {
        guard number.isFinite else { return "\(number)" }
        let decimals = number.magnitude >= 99.95 ? 0 : number.magnitude >= 9.995 ? 1 : 2
        return fixed(number, decimals: decimals)
    }

    /// A relative error in percent, down to `< 0.0001 %`; `0` where there is none.
    package static func error(_ share: Double) -> String {
        let percent = share * 100
        return percent == 0
            ? "0"
            : percent < 0.0001
                ? "< 0.0001 %"
                : percent < 0.1 ? fixed(percent, decimals: 4) + " %" : significant(percent) + " %"
    }

    /// A number with so many decimals.
    package static func fixed(_ number: Double, decimals: Int) -> String {
        let scale = (0..<decimals).reduce(1.0) { value, _ in value * 10 }
        let scaled = (number.magnitude * scale).rounded()
        guard scaled < 1e15 else { return "\(number)" }
        let (whole, part) = Int(scaled).quotientAndRemainder(dividingBy: Int(scale))
        let sign = number < 0 && scaled > 0 ? "-" : ""
        guard decimals > 0 else { return "\(sign)\(whole)" }
        let digits = String(part)
        let zeros = String(repeating: "0", count: decimals - digits.count)
        return "\(sign)\(whole).\(zeros)\(digits)"
    }

    /// Seconds as `0.41 s` or `12:30`.
    package static func duration(_ seconds: Double) -> String {
        seconds < 59.95 ? significant(max(0, seconds)) + " s" : clock(seconds)
    }

    /// Seconds as `0:07`, `12:30` or `2:00:05`.
    package static func clock(_ seconds: Double) -> String {
        let total = Int(max(0, min(seconds, 1e9)).rounded())
        let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60)
        func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
        return hours > 0
            ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
    }
}
