/// Everything that is wrong with a recipe, found in one reading.
public struct RecipeError: Error, Equatable, Sendable {
    /// The recipe's file, as it was named.
    public let file: String
    /// What is wrong, in the order of the file.
    public let problems: [RecipeProblem]

    init(file: String, problems: [RecipeProblem]) {
        self.file = file
        self.problems = problems.enumerated()
            .sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
            .map(\.element)
    }

    /// How many problems a message lists before it only counts them.
    static let listed = 50
}

extension RecipeError: CustomStringConvertible {
    /// One line for each problem: the file, line and column, then a sentence.
    public var description: String {
        let lines = problems.prefix(Self.listed).map { problem in
            switch problem.origin {
            case .file(let line, let column): "\(file):\(line):\(column): \(problem)"
            case .override(let text): "\(file): --set \(text.abbreviated): \(problem)"
            case .generated: "\(file): \(problem)"
            }
        }
        let rest = problems.count - lines.count
        return (rest > 0 ? lines + ["\(file): and \(rest) more problems."] : lines)
            .joined(separator: "\n")
    }
}

/// One thing that is wrong with a recipe, and where.
public struct RecipeProblem: Error, Equatable, Sendable {
    let fact: RecipeFact
    let path: DocumentPath
    let origin: DocumentOrigin

    init(_ fact: RecipeFact, at path: DocumentPath = DocumentPath(), _ origin: DocumentOrigin) {
        self.fact = fact
        self.path = path
        self.origin = origin
    }

    /// The key that the problem concerns, as `--set` spells it; empty for the whole recipe.
    public var key: String { path.description }

    /// The line of the file, from 1, where the problem stands in the file.
    public var line: Int? {
        if case .file(let line, _) = origin { line } else { nil }
    }

    /// The column of that line, from 1.
    public var column: Int? {
        if case .file(_, let column) = origin { column } else { nil }
    }

    /// Problems of the whole file come first, those of `--set` last.
    fileprivate var rank: (Int, Int) {
        switch origin {
        case .generated: (0, 0)
        case .file(let line, let column): (line, column)
        case .override: (.max, 0)
        }
    }
}

private func < (a: ((Int, Int), Int), b: ((Int, Int), Int)) -> Bool {
    (a.0.0, a.0.1, a.1) < (b.0.0, b.0.1, b.1)
}
