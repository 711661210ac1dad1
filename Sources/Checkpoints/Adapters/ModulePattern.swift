/// A regular expression over module names, as PEFT's pattern tables hold them.
///
/// Patterns come from strangers, and a backtracking matcher can be made to run for ever. This one
/// follows all alternatives at once (Thompson 1968), so its time is bounded by the length of the
/// pattern times that of the name. It knows what such patterns consist of: characters, `.`,
/// classes, `\d \w \s`, groups, `|`, `* + ?` and `{m,n}`, `^` and `$`.
struct ModulePattern: Sendable {
    /// A step of the matcher.
    enum Instruction: Sendable {
        case one(ScalarSet)
        case split(Int, Int)
        case jump(Int)
        case start
        case end
    }

    /// The characters that one place of a pattern allows.
    struct ScalarSet: Sendable {
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        var isInverted = false

        func contains(_ scalar: Unicode.Scalar) -> Bool {
            ranges.contains { $0.contains(scalar) } != isInverted
        }

        static let any = ScalarSet(ranges: ["\n"..."\n"], isInverted: true)
    }

    /// The longest program; a counted repetition of a counted repetition could be of any length.
    static let limit = 4096

    private(set) var program: [Instruction] = []
    /// The characters of a pattern that is no more than a name, where a dot is any character.
    private let name: [Unicode.Scalar]?

    /// Compiles a pattern; `nil` if it is malformed or beyond what such patterns consist of.
    ///
    /// A name fits if the whole of it does, or what follows one of its dots.
    init?(_ pattern: String) {
        // Adapters of hundreds of modules have a name for each: those need no program.
        if pattern.utf8.allSatisfy({ Self.isNameByte($0) }) {
            name = Array(pattern.unicodeScalars)
            return
        }
        name = nil
        guard var parser = ModulePatternParser(pattern), let key = parser.pattern() else {
            return nil
        }
        let dot = Node.one(ScalarSet(ranges: ["."..."."]))
        let leading = Node.sequence([.repeated(.one(.any), 0, nil), dot])
        guard emit(.sequence([.repeated(leading, 0, 1), key, .end])) else { return nil }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// A pattern as it is written.
    indirect enum Node {
        case one(ScalarSet)
        case sequence([Node])
        case either([Node])
        case repeated(Node, Int, Int?)
        case start
        case end
    }

    /// Appends the program of a node, unless it becomes too long.
    private mutating func emit(_ node: Node) -> Bool {
        if program.count > Self.limit { return false }
        switch node {
        case .one(let set): program.append(.one(set))
        case .start: program.append(.start)
        case .end: program.append(.end)
        case .sequence(let nodes):
            for node in nodes where !emit(node) { return false }
        case .either(let nodes):
            var jumps: [Int] = []
            for (i, node) in nodes.enumerated() {
                let split = program.count
                if i < nodes.count - 1 { program.append(.split(split + 1, 0)) }
                if !emit(node) { return false }
                if i < nodes.count - 1 {
                    jumps.append(program.count)
                    program.append(.jump(0))
                    program[split] = .split(split + 1, program.count)
                }
            }
            for jump in jumps { program[jump] = .jump(program.count) }
        case .repeated(let node, let least, let most):
            for _ in 0..<least where !emit(node) { return false }
            guard let most else {
                let split = program.count
                program.append(.split(split + 1, 0))
                if !emit(node) { return false }
                program.append(.jump(split))
                program[split] = .split(split + 1, program.count)
                break
            }
            var splits: [Int] = []
            for _ in least..<most {
                splits.append(program.count)
                program.append(.split(program.count + 1, 0))
                if !emit(node) { return false }
            }
            for split in splits { program[split] = .split(split + 1, program.count) }
        }
        return program.count <= Self.limit
    }
}

extension ModulePattern {
    /// Whether the pattern fits a module.
    func matches(_ module: String) -> Bool {
        let scalars = Array(module.unicodeScalars)
        if let name { return Self.ends(scalars, in: name) }
        var current = reachable(from: [0], position: 0, count: scalars.count)
        for (position, scalar) in scalars.enumerated() {
            let next = current.compactMap { place -> Int? in
                guard place < program.count, case .one(let set) = program[place] else { return nil }
                return set.contains(scalar) ? place + 1 : nil
            }
            if next.isEmpty { return false }
            current = reachable(from: next, position: position + 1, count: scalars.count)
        }
        return current.contains(program.count)
    }

    private static func ends(_ module: [Unicode.Scalar], in name: [Unicode.Scalar]) -> Bool {
        let start = module.count - name.count
        guard start == 0 || (start > 0 && module[start - 1] == ".") else { return false }
        return zip(name, module[start...]).allSatisfy { expected, found in
            expected == found || (expected == "." && found != "\n")
        }
    }

    /// The places where a character is read, or the end, that lie behind some places.
    private func reachable(from places: [Int], position: Int, count: Int) -> [Int] {
        var seen = [Bool](repeating: false, count: program.count + 1)
        var pending = places
        var result: [Int] = []
        while let place = pending.popLast() {
            if seen[place] { continue }
            seen[place] = true
            guard place < program.count else {
                result.append(place)
                continue
            }
            switch program[place] {
            case .one: result.append(place)
            case .split(let first, let second): pending += [first, second]
            case .jump(let target): pending.append(target)
            case .start: if position == 0 { pending.append(place + 1) }
            case .end: if position == count { pending.append(place + 1) }
            }
        }
        return result
    }
}
