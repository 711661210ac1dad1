/// What becomes of the delimiters that a text is split at.
enum SplitBehavior: String, CaseIterable, Sendable {
    case removed = "Removed"
    case isolated = "Isolated"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
    case contiguous = "Contiguous"

    /// A stretch of a text that is a delimiter or lies between two.
    struct Stretch {
        var range: Range<String.Index>
        var isDelimiter: Bool
    }

    /// The parts of a text that is covered by stretches in their order.
    func parts(of text: Substring, stretches: [Stretch]) -> [Substring] {
        var ranges: [Range<String.Index>] = []
        var previous: Stretch?
        for stretch in stretches where !(self == .removed && stretch.isDelimiter) {
            if let previous, let last = ranges.last, joins(previous, stretch) {
                ranges[ranges.count - 1] = last.lowerBound..<stretch.range.upperBound
            } else {
                ranges.append(stretch.range)
            }
            previous = stretch
        }
        return ranges.map { Substring(text.unicodeScalars[$0]) }
    }

    private func joins(_ previous: Stretch, _ next: Stretch) -> Bool {
        switch self {
        case .removed, .isolated: false
        case .mergedWithPrevious: next.isDelimiter && !previous.isDelimiter
        case .mergedWithNext: previous.isDelimiter && !next.isDelimiter
        case .contiguous: previous.isDelimiter == next.isDelimiter
        }
    }
}

extension SplitBehavior {
    init(_ configuration: Configuration) throws {
        self = try configuration.choice(of: Self.allCases.map { ($0.rawValue, $0) })
    }
}
