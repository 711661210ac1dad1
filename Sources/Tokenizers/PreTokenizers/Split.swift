/// Splits at the matches of a pattern, or around what lies between them.
struct Split: PreTokenizer {
    private let pattern: RegularExpression
    private let behavior: SplitBehavior
    private let isInverted: Bool

    init(_ configuration: Configuration) throws {
        self.init(
            pattern: try RegularExpression(
                try configuration.required("pattern", expected: "a String or a Regex")
            ),
            behavior: try SplitBehavior(
                try configuration.required("behavior", expected: "a behavior")
            ),
            isInverted: try configuration.boolean("invert")
        )
    }

    init(pattern: RegularExpression, behavior: SplitBehavior, isInverted: Bool = false) {
        self.pattern = pattern
        self.behavior = behavior
        self.isInverted = isInverted
    }

    func split(_ pieces: [Piece]) throws -> [Piece] {
        try pattern.search(pieces) { text, stretches, pieces in
            var stretches = stretches
            if isInverted {
                for index in stretches.indices { stretches[index].isDelimiter.toggle() }
            }
            for part in behavior.parts(of: text, stretches: stretches) { pieces.append(part) }
        }
    }
}
