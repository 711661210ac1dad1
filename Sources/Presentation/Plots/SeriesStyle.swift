/// How one series is told from the others: by colour, and in grey by dashes and marks.
struct SeriesStyle: Sendable, Equatable {
    let index: Int

    init(_ index: Int) { self.index = index }

    /// Colours that people with any colour vision can tell apart; all of them have a contrast of 3
    /// with white and with a dark screen.
    static let colours = [
        "#0072b2", "#d55e00", "#008f68", "#b5539b", "#9a7500", "#5f6fd8", "#7a7a7a", "#c03a4a",
    ]
    /// The same colours, brighter, on a dark screen.
    static let darkColours = [
        "#56b4e9", "#f0803c", "#2bb58b", "#d98bc4", "#cfa52b", "#98a3f2", "#a8a8a8", "#ef7f8b",
    ]
    private static let dashes = ["", "6 3", "2 2.5", "9 3 2 3"]

    /// The class that sets the colour.
    var className: String { "mg-s\(index % Self.colours.count)" }

    /// The pattern of the line; the first colours take turns, so that no pair has both the same.
    var dashes: String { Self.dashes[(index + index / Self.colours.count) % Self.dashes.count] }

    /// How strong areas are filled; their outlines are always full.
    var fillOpacity: String { ["1", "0.3", "0.6"][index % 3] }

    /// The outline of the mark around a place.
    func mark(_ x: Double, _ y: Double, radius r: Double = 3.2) -> String {
        var path = PathText()
        switch index % 6 {
        case 0:
            // Two half circles.
            let (left, d) = ((x - r).place, (2 * r).place)
            return "M\(left) \(y.place)a\(r.place) \(r.place) 0 1 0 \(d) 0"
                + "a\(r.place) \(r.place) 0 1 0 -\(d) 0z"
        case 1: path.polygon([(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)])
        case 2: path.polygon([(x, y - r * 1.3), (x + r * 1.2, y + r), (x - r * 1.2, y + r)])
        case 3:
            let d = r * 1.35
            path.polygon([(x, y - d), (x + d, y), (x, y + d), (x - d, y)])
        case 4: path.polygon([(x, y + r * 1.3), (x + r * 1.2, y - r), (x - r * 1.2, y - r)])
        default:
            // A cross.
            let (a, b) = (r * 0.45, r * 1.25)
            path.polygon([
                (x - a, y - b), (x + a, y - b), (x + a, y - a), (x + b, y - a), (x + b, y + a),
                (x + a, y + a), (x + a, y + b), (x - a, y + b), (x - a, y + a), (x - b, y + a),
                (x - b, y - a), (x - a, y - a),
            ])
        }
        return path.source
    }
}
