/// How much of a text a model reads, and which part of it.
public struct Truncation: Hashable, Sendable {
    /// Which text of a pair loses tokens.
    public enum Strategy: String, CaseIterable, Sendable {
        /// The longer text, and once both are equally long, both.
        case longestFirst = "longest_first"
        /// The first text, or the only one.
        case onlyFirst = "only_first"
        /// The second text.
        case onlySecond = "only_second"
    }

    /// The most tokens an encoding may have, special tokens among them.
    public var maximumLength: Int
    /// Which text of a pair loses tokens.
    public var strategy: Strategy
    /// The number of tokens that an overflowing window shares with the one before.
    public var stride: Int
    /// The side that loses tokens.
    public var side: Side

    /// A truncation, by default of the longest text, at its end and without overlap.
    public init(
        maximumLength: Int,
        strategy: Strategy = .longestFirst,
        stride: Int = 0,
        side: Side = .right
    ) {
        self.maximumLength = maximumLength
        self.strategy = strategy
        self.stride = stride
        self.side = side
    }
}

/// An end of a text in reading order.
public enum Side: String, CaseIterable, Sendable {
    /// The beginning.
    case left
    /// The end.
    case right
}

extension Truncation {
    /// Shortens one text or a pair so that there is room for special tokens.
    func apply(to texts: inout [Encoding], specialTokens: Int) throws {
        guard maximumLength >= specialTokens else {
            throw TokenizerError.noRoom(
                maximumLength: maximumLength,
                specialTokens: specialTokens
            )
        }
        let limit = maximumLength - specialTokens
        let excess = texts.reduce(0) { $0 + $1.count } - limit
        guard excess > 0 || limit == 0 else { return }
        for (index, length) in try lengths(of: texts, limit: limit, excess: excess).enumerated() {
            try texts[index].truncate(to: length, stride: stride, side: side)
        }
    }

    /// The length that each text may keep.
    private func lengths(of texts: [Encoding], limit: Int, excess: Int) throws -> [Int] {
        guard limit > 0 else { return texts.map { _ in 0 } }
        var lengths = texts.map(\.count)
        switch strategy {
        case .longestFirst:
            guard texts.count == 2 else { return [limit] }
            let shorter = lengths[0] <= lengths[1] ? 0 : 1
            lengths[shorter] = min(lengths[shorter], limit / 2)
            lengths[1 - shorter] = limit - lengths[shorter]
        case .onlyFirst, .onlySecond:
            let target = strategy == .onlyFirst ? 0 : 1
            guard target < lengths.count else { throw TokenizerError.noSecondText }
            guard lengths[target] > excess else {
                throw TokenizerError.tooShort(length: lengths[target], excess: excess)
            }
            lengths[target] -= excess
        }
        return lengths
    }
}

extension Encoding {
    /// Keeps a number of tokens; the others overflow in windows of that number or fewer.
    mutating func truncate(to length: Int, stride: Int, side: Side) throws {
        guard length < count else { return }
        guard length > 0 else {
            // Nothing fits a window of no tokens: all of them overflow together.
            let all = self
            self = Encoding()
            overflowing = [all]
            return
        }
        guard (0..<length).contains(stride) else {
            throw TokenizerError.strideTooLong(stride: stride, length: length)
        }
        var windows: [Encoding] = []
        var start = 0
        while true {
            let end = min(start + length, count)
            windows.append(
                window(side == .right ? start..<end : count - end..<count - start)
            )
            if end == count { break }
            start += length - stride
        }
        self = windows.removeFirst()
        overflowing = windows
    }
}

// MARK: - Files

extension Truncation {
    init(_ configuration: Configuration) throws {
        let strategy = try configuration.required("strategy", expected: "a strategy")
        let strategies: [(String, Strategy)] = [
            ("LongestFirst", .longestFirst), ("OnlyFirst", .onlyFirst), ("OnlySecond", .onlySecond),
        ]
        self.init(
            maximumLength: try configuration.integer("max_length", in: .counts),
            strategy: try strategy.choice(of: strategies),
            stride: try configuration.integer("stride", in: .counts),
            side: try configuration.optional("direction").map { try Side($0) } ?? .right
        )
    }
}

extension Side {
    init(_ configuration: Configuration) throws {
        self = try configuration.choice(of: [("Left", .left), ("Right", .right)])
    }
}
