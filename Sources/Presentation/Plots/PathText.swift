/// The outline of a line or an area, written in tenths of a point with as few letters as that takes.
struct PathText {
    private(set) var source = ""
    private var last = (x: 0, y: 0)

    /// Draws a line through places.
    mutating func line(_ places: [(Double, Double)]) {
        guard let first = places.first else { return }
        last = (Self.tenths(first.0), Self.tenths(first.1))
        source += "M\(Self.text(last.x)) \(Self.text(last.y))"
        if places.count > 1 { source += "l" }
        for (index, place) in places.dropFirst().enumerated() {
            // Differences of rounded places: what rounding leaves does not add up along the line.
            let (x, y) = (Self.tenths(place.0), Self.tenths(place.1))
            let (dx, dy) = (Self.text(x - last.x), Self.text(y - last.y))
            let gap = index > 0 && !dx.hasPrefix("-") ? " " : ""
            source += gap + dx + (dy.hasPrefix("-") ? "" : " ") + dy
            last = (x, y)
        }
    }

    /// Draws an area within places.
    mutating func polygon(_ places: [(Double, Double)]) {
        line(places)
        source += "z"
    }

    private static func tenths(_ place: Double) -> Int {
        // What lies outside of a fixed range may lie far outside.
        Int((min(max(place, -1e6), 1e6) * 10).rounded())
    }

    private static func text(_ tenths: Int) -> String {
        let (whole, part) = Int(tenths.magnitude).quotientAndRemainder(dividingBy: 10)
        let sign = tenths < 0 ? "-" : ""
        return part == 0 ? "\(sign)\(whole)" : "\(sign)\(whole == 0 ? "" : "\(whole)").\(part)"
    }
}
