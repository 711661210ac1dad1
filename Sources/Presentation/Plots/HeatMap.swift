/// A table of numbers as coloured cells, in SVG.
///
/// The panel is white whatever lies behind it, and every cell has its number, so that it can be read on
/// a dark screen and in a print without colours.
package struct HeatMap: Sendable, Equatable {
    /// How numbers become colours.
    package struct Scale: Sendable {
        /// The number that has the strongest colour.
        let limit: Double
        /// Whether there are negative numbers, which get a colour of their own.
        let isSigned: Bool

        package init(limit: Double, isSigned: Bool) {
            (self.limit, self.isSigned) = (limit, isSigned)
        }
    }

    let title: String
    package let rows, columns: [String]
    /// A number for each cell; `nil` where there is none.
    package var values: [[Double?]]

    package init(title: String, rows: [String], columns: [String], values: [[Double?]]) {
        (self.title, self.rows) = (title, rows)
        (self.columns, self.values) = (columns, values)
    }
}

// MARK: Drawing

extension HeatMap {
    private static let cell = (width: 54.0, height: 24.0)
    private static let margin = 16.0
    /// About the width of a letter of the labels, which no SVG can measure.
    private static let letter = 7.4

    /// Heat maps below each other, with one scale.
    package static func drawing(_ maps: [HeatMap], scale: Scale) -> String {
        var parts: [String] = []
        var y = margin
        for map in maps where !map.rows.isEmpty && !map.columns.isEmpty {
            parts.append("<g transform=\"translate(\(number(margin)) \(number(y)))\">")
            parts += map.elements(scale)
            parts.append("</g>")
            y += map.height + 24
        }
        let width = (maps.map(\.width).max() ?? 0) + 2 * margin
        let legend = scale.elements(at: y)
        let height = y + 40 + margin
        return
            ([
                """
                <svg xmlns="http://www.w3.org/2000/svg" width="\(number(max(width, 320)))" \
                height="\(number(height))" viewBox="0 0 \(number(max(width, 320))) \(number(height))" \
                font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif" font-size="12" fill="#1a1a1a">
                """, "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
            ]
            + parts + legend + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    private var rowLabels: Double { Self.letter * Double(rows.map(\.displayWidth).max() ?? 0) + 10 }

    /// Column labels stand at 45 degrees.
    private var columnLabels: Double {
        Self.letter * Double(columns.map(\.displayWidth).max() ?? 0) * 0.71 + 14
    }

    private var width: Double {
        max(
            rowLabels + Self.cell.width * Double(columns.count) + columnLabels,
            Self.letter * Double(title.displayWidth) * 1.1
        )
    }

    private var height: Double { 22 + columnLabels + Self.cell.height * Double(rows.count) }

    private func elements(_ scale: Scale) -> [String] {
        let (width, height) = Self.cell
        let top = 22 + columnLabels
        var parts = [
            "<text y=\"12\" font-size=\"13\" font-weight=\"bold\">\(title.escapedForXML)</text>"
        ]
        for (column, label) in columns.enumerated() {
            let x = Self.number(rowLabels + (Double(column) + 0.5) * width)
            let y = Self.number(top - 6)
            parts.append(
                "<text transform=\"translate(\(x) \(y)) rotate(-45)\">\(label.escapedForXML)</text>"
            )
        }
        for (row, label) in rows.enumerated() {
            let y = top + Double(row) * height
            let x = Self.number(rowLabels - 8)
            let middle = Self.number(y + height / 2 + 4)
            parts.append(
                "<text x=\"\(x)\" y=\"\(middle)\" text-anchor=\"end\">\(label.escapedForXML)</text>"
            )
            for (column, value) in values[row].enumerated() {
                let x = rowLabels + Double(column) * width
                let colour = value.map(scale.colour) ?? Colour.none
                parts.append(
                    "<rect x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" "
                        + "width=\"\(Self.number(width - 1))\" height=\"\(Self.number(height - 1))\" "
                        + "fill=\"\(colour.hexadecimal)\"/>"
                )
                let text = value.map { NumberText.fixed($0, decimals: 2) } ?? "–"
                parts.append(
                    "<text x=\"\(Self.number(x + (width - 1) / 2))\" y=\"\(middle)\" "
                        + "text-anchor=\"middle\" fill=\"\(colour.ink)\">\(text)</text>"
                )
            }
        }
        return parts
    }

    fileprivate static func number(_ value: Double) -> String {
        NumberText.fixed(value, decimals: 1)
    }
}

// MARK: Colours

/// A colour of the screen, each part from 0 to 1.
private struct Colour {
    let red, green, blue: Double

    static let none = Colour(red: 0.93, green: 0.93, blue: 0.93)
    static let white = Colour(red: 1, green: 1, blue: 1)
    // Orange and blue, which nearly everybody can tell apart.
    static let positive = Colour(red: 0.70, green: 0.25, blue: 0.02)
    static let negative = Colour(red: 0.13, green: 0.32, blue: 0.61)

    /// A mixture of this colour and another.
    func mixed(with other: Colour, share: Double) -> Colour {
        func mix(_ a: Double, _ b: Double) -> Double { a + (b - a) * share }
        return Colour(
            red: mix(red, other.red),
            green: mix(green, other.green),
            blue: mix(blue, other.blue)
        )
    }

    var hexadecimal: String {
        let digits = Array("0123456789abcdef")
        return "#"
            + [red, green, blue].map { part in
                let byte = Int((min(max(part, 0), 1) * 255).rounded())
                return String([digits[byte >> 4], digits[byte & 15]])
            }.joined()
    }

    /// The colour of letters that can be read on this one.
    var ink: String { 0.3 * red + 0.59 * green + 0.11 * blue > 0.55 ? "#1a1a1a" : "#ffffff" }
}

extension HeatMap.Scale {
    fileprivate func colour(_ value: Double) -> Colour {
        let share = min(abs(value) / limit, 1)
        return .white.mixed(with: value < 0 ? .negative : .positive, share: share)
    }

    /// A bar of the colours with the numbers at its ends.
    fileprivate func elements(at y: Double) -> [String] {
        let steps = 40
        let least = isSigned ? -limit : 0
        let bars = (0..<steps).map { step in
            let value = least + (limit - least) * (Double(step) + 0.5) / Double(steps)
            return
                "<rect x=\"\(HeatMap.number(60 + Double(step) * 4))\" y=\"\(HeatMap.number(y))\" "
                + "width=\"4.5\" height=\"12\" fill=\"\(colour(value).hexadecimal)\"/>"
        }
        let middle = HeatMap.number(y + 10)
        return bars + [
            "<text x=\"52\" y=\"\(middle)\" text-anchor=\"end\">"
                + "\(NumberText.fixed(least, decimals: 2))</text>",
            "<text x=\"228\" y=\"\(middle)\">\(NumberText.fixed(limit, decimals: 2))</text>",
        ]
    }
}

extension String {
    /// The text as the content of an XML element: names come from files of strangers.
    fileprivate var escapedForXML: String {
        printable.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }
}
