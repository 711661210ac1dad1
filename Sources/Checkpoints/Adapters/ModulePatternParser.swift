/// Reads the notation of a `ModulePattern`.
struct ModulePatternParser {
    private typealias ScalarSet = ModulePattern.ScalarSet
    private typealias Node = ModulePattern.Node

    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var depth = 0

    /// Takes a pattern of no more than a thousand characters.
    init?(_ pattern: String) {
        scalars = Array(pattern.unicodeScalars.prefix(1001))
        if scalars.count > 1000 { return nil }
    }

    /// The whole pattern, or `nil` if it is not one.
    mutating func pattern() -> ModulePattern.Node? {
        guard let node = alternatives(), position == scalars.count else { return nil }
        return node
    }
}

extension ModulePatternParser {
    private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        if next != scalar { return false }
        position += 1
        return true
    }

    private mutating func alternatives() -> Node? {
        depth += 1
        defer { depth -= 1 }
        if depth > 32 { return nil }
        var nodes: [Node] = []
        repeat {
            guard let node = sequence() else { return nil }
            nodes.append(node)
        } while take("|")
        return .either(nodes)
    }

    private mutating func sequence() -> Node? {
        var nodes: [Node] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            guard let node = place(), let repeated = repetition(of: node) else { return nil }
            nodes.append(repeated)
        }
        return .sequence(nodes)
    }

    /// One place of a pattern, without the repetition that may follow.
    private mutating func place() -> Node? {
        guard let scalar = next else { return nil }
        position += 1
        switch scalar {
        case "^": return .start
        case "$": return .end
        case ".": return .one(.any)
        case "[": return characterClass().map { .one($0) }
        case "\\": return escape().map { .one($0) }
        case "*", "+", "?", "{": return nil
        case "(":
            // Only `(?:`; the others look around or have names.
            if take("?"), !take(":") { return nil }
            guard let node = alternatives(), take(")") else { return nil }
            return node
        default: return .one(ScalarSet(ranges: [scalar...scalar]))
        }
    }

    private mutating func repetition(of node: Node) -> Node? {
        guard let scalar = next else { return node }
        let bounds: (least: Int, most: Int?)
        switch scalar {
        case "*": bounds = (0, nil)
        case "+": bounds = (1, nil)
        case "?": bounds = (0, 1)
        case "{":
            position += 1
            guard let counts = counts(), next == "}" else { return nil }
            bounds = counts
        default: return node
        }
        position += 1
        // Whether a repetition is lazy changes what groups hold, not whether a name fits.
        _ = take("?")
        if let next, "*+?{".unicodeScalars.contains(next) { return nil }
        return .repeated(node, bounds.least, bounds.most)
    }

    /// The numbers of `{3}`, `{3,}`, `{,5}` or `{3,5}`.
    private mutating func counts() -> (least: Int, most: Int?)? {
        let least = number()
        guard take(",") else { return least.map { ($0, $0) } }
        let most = number()
        if let most, most < least ?? 0 { return nil }
        return least == nil && most == nil ? nil : (least ?? 0, most)
    }

    private mutating func number() -> Int? {
        let start = position
        while let scalar = next, ("0"..."9").contains(scalar) { position += 1 }
        let digits = String(String.UnicodeScalarView(scalars[start..<position]))
        return Int(digits).flatMap { $0 <= ModulePattern.limit ? $0 : nil }
    }

    private mutating func escape() -> ScalarSet? {
        guard let scalar = next else { return nil }
        position += 1
        switch scalar {
        case "d": return ScalarSet(ranges: ["0"..."9"])
        case "D": return ScalarSet(ranges: ["0"..."9"], isInverted: true)
        case "w": return ScalarSet(ranges: Self.word)
        case "W": return ScalarSet(ranges: Self.word, isInverted: true)
        case "s": return ScalarSet(ranges: Self.space)
        case "S": return ScalarSet(ranges: Self.space, isInverted: true)
        default:
            // Other letters and digits have meanings of their own: edges, back references.
            if scalar.properties.isAlphabetic || scalar.properties.numericType != nil { return nil }
            return ScalarSet(ranges: [scalar...scalar])
        }
    }

    private mutating func characterClass() -> ScalarSet? {
        var set = ScalarSet()
        set.isInverted = take("^")
        var isFirst = true
        while isFirst || next != "]" {
            isFirst = false
            guard let low = member() else { return nil }
            let isSingle = !low.isInverted && low.ranges.count == 1
            guard next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
                if low.isInverted { return nil }
                set.ranges += low.ranges
                continue
            }
            position += 1
            guard isSingle, let high = member(), high.ranges.count == 1, !high.isInverted,
                low.ranges[0].lowerBound <= high.ranges[0].upperBound
            else { return nil }
            set.ranges.append(low.ranges[0].lowerBound...high.ranges[0].upperBound)
        }
        position += 1
        return set
    }

    /// A character of a class, or a class within it.
    private mutating func member() -> ScalarSet? {
        guard let scalar = next else { return nil }
        position += 1
        return scalar == "\\" ? escape() : ScalarSet(ranges: [scalar...scalar])
    }

    private static let word: [ClosedRange<Unicode.Scalar>] = [
        "a"..."z", "A"..."Z", "0"..."9", "_"..."_",
    ]
    private static let space: [ClosedRange<Unicode.Scalar>] = ["\t"..."\r", " "..." "]
}
