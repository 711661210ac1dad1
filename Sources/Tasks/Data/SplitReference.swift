/// A split of a data set, or a slice of one, as recipes write it: `train`, `train[:2000]`,
/// `test[-10%:]`.
///
/// Slices mean what they mean in Python; percentages are rounded to the nearest example, halves to
/// the even one. Both are as in Hugging Face datasets.
public struct SplitReference: Hashable, Sendable {
    /// The name of the split.
    public let split: String
    /// The part of it that is meant.
    public let slice: Slice

    /// A part of a split, by default all of it.
    public init(split: String, slice: Slice = .all) {
        self.split = split
        self.slice = slice
    }
}

extension SplitReference {
    /// A part of a sequence whose length is not known yet.
    public struct Slice: Hashable, Sendable {
        /// A place in the sequence; a negative one counts from its end.
        public enum Bound: Hashable, Sendable {
            /// A number of examples.
            case index(Int)
            /// A number of hundredths of all examples, from −100 to 100.
            case percent(Int)
        }

        /// The first place inside; `nil` is the beginning.
        public let start: Bound?
        /// The first place after it; `nil` is the end.
        public let end: Bound?

        /// What lies between two places.
        public init(from start: Bound? = nil, to end: Bound? = nil) {
            self.start = start
            self.end = end
        }

        /// The whole sequence.
        public static let all = Slice()

        /// The positions that the slice selects of `count`; an empty range where it selects none.
        public func range(count: Int) -> Range<Int> {
            let start = start?.position(in: count) ?? 0
            let end = end?.position(in: count) ?? count
            return start..<max(start, end)
        }
    }
}

extension SplitReference.Slice.Bound {
    fileprivate func position(in count: Int) -> Int {
        let place =
            switch self {
            case .index(let place): place
            case .percent(let percent): Self.rounded(percent, of: count)
            }
        guard place < 0 else { return min(place, count) }
        return max(count + place, 0)
    }

    /// Hundredths of a count, rounded to the nearest integer and halves to the even one.
    private static func rounded(_ percent: Int, of count: Int) -> Int {
        let product = percent.magnitude.multipliedFullWidth(by: count.magnitude)
        let (quotient, remainder) = UInt(100).dividingFullWidth(product)
        let isUp = remainder > 50 || remainder == 50 && !quotient.isMultiple(of: 2)
        return (percent < 0 ? -1 : 1) * Int(quotient + (isUp ? 1 : 0))
    }
}

extension SplitReference: CustomStringConvertible {
    /// The reference as a recipe writes it; reading it again gives an equal one.
    public var description: String {
        guard slice != .all else { return split }
        func text(_ bound: Slice.Bound?) -> String {
            switch bound {
            case .index(let place): "\(place)"
            case .percent(let percent): "\(percent)%"
            case nil: ""
            }
        }
        return "\(split)[\(text(slice.start)):\(text(slice.end))]"
    }
}
