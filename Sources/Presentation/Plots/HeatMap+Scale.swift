internal import Foundation

extension HeatMap {
    /// How numbers become colours.
    package struct Scale: Sendable, Equatable {
        /// The numbers that have the colours at the ends.
        package let range: ClosedRange<Double>
        /// Whether numbers below 0 have a colour of their own.
        package let isSigned: Bool

        /// From 0 to a limit, or as far below 0, too.
        package init(limit: Double, isSigned: Bool) {
            range = (isSigned ? -limit : 0)...limit
            self.isSigned = isSigned
        }

        /// One colour that grows stronger over a range.
        package init(_ range: ClosedRange<Double>) { (self.range, isSigned) = (range, false) }

        /// The scale that just holds numbers; signed if some are below 0.
        package init(holding numbers: [Double]) {
            let (least, most) = (numbers.min() ?? 0, numbers.max() ?? 1)
            if least < 0 {
                self.init(limit: max(-least, most), isSigned: true)
            } else {
                self.init(least < most ? least...most : 0...max(most, 1e-9))
            }
        }
    }
}

extension HeatMap.Scale {
    /// The colour of a number; those beyond the ends have the colours of the ends.
    func colour(_ value: Double) -> CellColour {
        guard isSigned else {
            let size = range.upperBound - range.lowerBound
            return .sequence(size > 0 ? (value - range.lowerBound) / size : 1)
        }
        let share = min(abs(value) / range.upperBound, 1)
        return .white.mixed(with: value < 0 ? .negative : .positive, share: share)
    }

    /// A number with two decimals, or with two digits that count where all are small.
    func text(_ value: Double, _ style: NumberStyle) -> String {
        let size = max(abs(range.lowerBound), abs(range.upperBound))
        return switch style {
        case .percent: NumberText.fixed(value * 100, decimals: 1)
        case .plain where size < 0.02: String(format: "%.2g", value)
        case .plain: NumberText.fixed(value, decimals: size < 99.95 ? 2 : 0)
        }
    }

    /// A bar of the colours with the numbers at its ends.
    func legend(_ style: NumberStyle, left: Double, top: Double) -> [Markup] {
        let steps = 40
        let unit = style == .percent ? " %" : ""
        let ends = [range.lowerBound, range.upperBound].map { text($0, style) + unit }
        let start = left + PlotCanvas.width(of: ends[0]) + 8
        let bars = (0..<steps).map { step in
            let share = (Double(step) + 0.5) / Double(steps)
            let value = range.lowerBound + (range.upperBound - range.lowerBound) * share
            return Markup.leaf(
                "rect",
                [
                    "x": (start + Double(step) * 4).place, "y": top.place, "width": "4.5",
                    "height": "12", "fill": colour(value).hexadecimal,
                ]
            )
        }
        let y = top + 10
        return bars + [
            PlotCanvas.text(ends[0], at: (start - 8, y), className: "mg-quiet", anchor: .end),
            PlotCanvas.text(
                ends[1],
                at: (start + Double(steps) * 4 + 8, y),
                className: "mg-quiet"
            ),
        ]
    }
}

/// The colour of a cell, each part from 0 to 1.
struct CellColour: Sendable, Equatable {
    let red, green, blue: Double

    static let none = CellColour(red: 0.93, green: 0.93, blue: 0.93)
    static let white = CellColour(red: 1, green: 1, blue: 1)
    // Orange and blue, which nearly everybody can tell apart.
    static let positive = CellColour(red: 0.70, green: 0.25, blue: 0.02)
    static let negative = CellColour(red: 0.13, green: 0.32, blue: 0.61)

    private static let stops = [
        CellColour(red: 1, green: 0.97, blue: 0.91), CellColour(red: 0.97, green: 0.71, blue: 0.42),
        CellColour(red: 0.82, green: 0.36, blue: 0.10), CellColour(red: 0.37, green: 0.08, blue: 0),
    ]

    /// From a light colour at 0 to a dark one at 1, darker all the way, so that it is right in grey.
    static func sequence(_ share: Double) -> CellColour {
        let place = min(max(share, 0), 1) * Double(stops.count - 1)
        let index = min(Int(place), stops.count - 2)
        return stops[index].mixed(with: stops[index + 1], share: place - Double(index))
    }

    /// A mixture of this colour and another.
    func mixed(with other: CellColour, share: Double) -> CellColour {
        func mix(_ a: Double, _ b: Double) -> Double { a + (b - a) * share }
        return CellColour(
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

    /// The luminance, 0 for black and 1 for white (WCAG 2).
    var luminance: Double {
        func linear(_ part: Double) -> Double {
            part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }

    /// The class of the letters, dark or light, that stand out more on this colour.
    var ink: String { luminance > 0.18 ? "mg-ink" : "mg-ink mg-light" }
}
