internal import Foundation

/// How places follow from the numbers of an axis.
package enum AxisScale: Sendable, Equatable {
    /// Equal differences are equally wide.
    case linear
    /// Equal ratios are equally wide; what is not above 0 has no place.
    case logarithmic
    /// The numbers 0, 1, 2 … are places of names.
    case names([String])
}

/// Where the numbers of an axis stand, and which of them have a label.
package struct PlotAxis: Sendable, Equatable {
    /// A labelled number.
    package struct Tick: Sendable, Equatable {
        package let value: Double
        package let label: String
    }

    /// The numbers at both ends.
    package let range: ClosedRange<Double>
    package let ticks: [Tick]
    private let isLogarithmic: Bool

    /// The place of a number, 0 at the lower end and 1 at the upper one.
    package func share(_ value: Double) -> Double {
        func scaled(_ value: Double) -> Double { isLogarithmic ? log10(value) : value }
        let (low, high) = (scaled(range.lowerBound), scaled(range.upperBound))
        return (scaled(value) - low) / (high - low)
    }
}

extension PlotAxis {
    /// An axis on which the numbers of a plot have room.
    init(
        _ scale: AxisScale,
        over values: [Double],
        fixed: ClosedRange<Double>? = nil,
        padding: Double = 0,
        style: NumberStyle = .plain,
        count: Int = 5,
        leastStep: Double = 0
    ) {
        switch scale {
        case .names(let names):
            isLogarithmic = false
            range = -0.5...max(Double(names.count) - 0.5, 0.5)
            ticks = names.enumerated().map { Tick(value: Double($0), label: $1) }
        case .logarithmic:
            isLogarithmic = true
            let least = values.min() ?? 1
            let most = max(values.max() ?? 10, least)
            range = most > least * 1.0001 ? least...most : least / 3...most * 3
            ticks = Self.logarithmicTicks(in: range, count: count)
        case .linear:
            isLogarithmic = false
            let found = fixed.map { Self.widened($0.lowerBound, $0.upperBound) }
            range = found ?? Self.range(over: values, padding: padding, style: style)
            ticks = Self.linearTicks(in: range, style: style, count: count, least: leastStep)
        }
    }

    /// The numbers from the least to the largest and a little more, but over no end of their kind.
    private static func range(
        over values: [Double],
        padding: Double,
        style: NumberStyle
    ) -> ClosedRange<Double> {
        let (least, most) = (values.min() ?? 0, values.max() ?? 1)
        let margin = (most - least) * padding
        var (low, high) = (least - margin, most + margin)
        if least >= 0 { low = max(low, 0) }
        if style == .percent, most <= 1 { high = min(high, 1) }
        let wide = widened(low, high)
        // A single share near 100 % still is no more than that.
        return style == .percent && most <= 1 && least >= 0 && wide.upperBound > 1
            ? min(wide.lowerBound, 0.9)...1 : wide
    }

    /// A range that is wide enough to tell its ends apart.
    private static func widened(_ low: Double, _ high: Double) -> ClosedRange<Double> {
        let size = max(low.magnitude, high.magnitude)
        guard high - low <= size * 1e-9 else { return low...high }
        let margin = size == 0 ? 1 : size * 0.1
        return low - margin...high + margin
    }

    /// Multiples of 1, 2 or 5 times a power of ten, which is at least as large as told.
    private static func linearTicks(
        in range: ClosedRange<Double>,
        style: NumberStyle,
        count: Int,
        least: Double
    ) -> [Tick] {
        let wanted = niceStep((range.upperBound - range.lowerBound) / Double(max(count, 1)))
        let step = max(wanted, least)
        let slack = 1e-9
        let first = (range.lowerBound / step - slack).rounded(.up)
        let last = (range.upperBound / step + slack).rounded(.down)
        guard first <= last, last - first <= 100 else { return [] }
        return stride(from: first, through: last, by: 1).map { index in
            // −0 is 0.
            let value = index == 0 ? 0 : index * step
            return Tick(value: value, label: style.tick(value, step: step))
        }
    }

    /// The nearest of 1, 2 and 5 times a power of ten.
    private static func niceStep(_ wanted: Double) -> Double {
        let power = pow(10, log10(wanted).rounded(.down))
        let factor =
            switch wanted / power {
            case ..<1.45: 1.0
            case ..<3.2: 2.0
            case ..<7.1: 5.0
            default: 10.0
            }
        return factor * power
    }

    /// Powers of ten; 2 and 5 times those, too, where there are few.
    private static func logarithmicTicks(in range: ClosedRange<Double>, count: Int) -> [Tick] {
        let (low, high) = (log10(range.lowerBound), log10(range.upperBound))
        let powers = Int(low.rounded(.down))...Int(high.rounded(.up))
        let decades = high - low
        let factors: [Double] = decades <= 2.5 ? [1, 2, 5] : [1]
        let every = max(1, Int((decades / Double(max(count, 1))).rounded(.up)))
        let values = powers.filter { $0 % every == 0 }.flatMap { power in
            factors.map { $0 * pow(10, Double(power)) }
        }
        let slack = 1 + 1e-9
        // The numbers are short, or all of them are powers.
        let arePowers = factors.count == 1 && (low < -3.5 || high > 4.5)
        return values.filter { range.lowerBound <= $0 * slack && $0 <= range.upperBound * slack }
            .map { value in
                let text = arePowers ? power(of: value) : String(format: "%.4g", value)
                return Tick(value: value, label: text)
            }
    }

    /// A power of ten with its exponent raised.
    private static func power(of value: Double) -> String {
        let raised: [Character: Character] = [
            "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶",
            "7": "⁷", "8": "⁸", "9": "⁹",
        ]
        return "10" + String(String(Int(log10(value).rounded())).map { raised[$0] ?? $0 })
    }
}
