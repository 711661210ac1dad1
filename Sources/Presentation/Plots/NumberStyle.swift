internal import Foundation

/// How the numbers of an axis are written.
package enum NumberStyle: Sendable {
    /// As they are.
    case plain
    /// Shares, in percent.
    case percent

    /// The number for people who want it exactly: four digits that count.
    package func exact(_ value: Double) -> String {
        switch self {
        case .plain: String(format: "%.4g", value)
        case .percent: NumberText.fixed(value * 100, decimals: 2) + " %"
        }
    }

    /// The number beside its mark.
    package func short(_ value: Double) -> String {
        switch self {
        case .plain:
            value.magnitude >= 0.1 || value == 0
                ? NumberText.fixed(value, decimals: value.magnitude < 99.95 ? 2 : 0)
                : String(format: "%.2g", value)
        case .percent: NumberText.fixed(value * 100, decimals: 1)
        }
    }

    /// The number at a tick, with the decimals that tell ticks a step apart.
    func tick(_ value: Double, step: Double) -> String {
        let isPercent = self == .percent
        let (value, step) = isPercent ? (value * 100, step * 100) : (value, step)
        let digits = Int((-log10(step) - 1e-9).rounded(.up))
        let text =
            digits > 5 || value.magnitude >= 1e7 || step >= 1e6
            ? String(format: "%.4g", value)
            : digits <= 0 && value.magnitude >= 10_000
                ? NumberText.grouped(Int(value.rounded()))
                : NumberText.fixed(value, decimals: max(0, digits))
        return isPercent ? text + " %" : text
    }
}

extension Double {
    /// Whether there is a place for the number on an axis.
    var isDrawable: Bool { isFinite && magnitude < 1e300 }

    /// The number as a place in a drawing, to a tenth of a point.
    var place: String {
        let text = NumberText.fixed(self, decimals: 1)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
