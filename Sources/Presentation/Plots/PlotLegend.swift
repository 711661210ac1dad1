/// What says which series is which.
enum PlotLegend {
    /// A name and what its series looks like, drawn at the left end of so much width.
    struct Entry {
        let name: String
        let sample: (_ x: Double, _ y: Double) -> [Markup]
    }

    static let sampleWidth = 20.0

    /// Entries in rows, as many side by side as have room.
    static func rows(_ entries: [Entry], width: Double, top: Double) -> (
        elements: [Markup], height: Double
    ) {
        var (x, y) = (0.0, top)
        var elements: [Markup] = []
        for entry in entries {
            let room = min(PlotCanvas.width(of: entry.name.printable), width - sampleWidth - 6)
            let size = sampleWidth + 6 + room
            if x > 0, x + size > width { (x, y) = (0, y + PlotCanvas.lineHeight) }
            elements += entry.sample(x, y + 8)
            elements.append(
                PlotCanvas.text(entry.name, at: (x + sampleWidth + 6, y + 12), room: room)
            )
            x += size + 14
        }
        return (elements, entries.isEmpty ? 0 : y - top + PlotCanvas.lineHeight)
    }

    /// Places as near to the wanted ones as they can be without overlap, in the order given.
    static func spread(
        _ wanted: [Double],
        gap: Double,
        within range: ClosedRange<Double>
    ) -> [Double] {
        let order = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
        var places = wanted
        var least = range.lowerBound
        for index in order {
            places[index] = max(places[index], least)
            least = places[index] + gap
        }
        var most = range.upperBound
        for index in order.reversed() {
            places[index] = min(places[index], most)
            most = places[index] - gap
        }
        return places
    }
}
