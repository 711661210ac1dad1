/// A look at weights or predictions around the models of a recipe, which is no merge by itself.
protocol Analysis: Sendable {
    /// The key of a study that asks for it.
    static var key: String { get }

    /// Reads what stands under the key.
    static func read(_ value: ValueReader) -> Self?

    /// What it was asked for, as text: a part of what tells its result from others.
    var identity: String { get }

    /// What it finds, a row for each of whatever it looks at.
    func table(in context: AnalysisContext) throws -> AnalysisTable

    /// A table as pictures, whose files are called after the study.
    static func figures(of table: AnalysisTable, study: String) -> [Figure]

    /// A table in sentences, the most important one first.
    static func summary(of table: AnalysisTable) -> [String]
}

/// The kinds of analysis that there are.
enum Analyses {
    static let all: [any Analysis.Type] = [
        WeightPath.self, WeightPlane.self, TaskConflicts.self, EntropyAgainstLoss.self,
    ]

    /// Reads an analysis of a kind.
    static func read(_ kind: any Analysis.Type, _ value: ValueReader) -> (any Analysis)? {
        func read<Kind: Analysis>(_ kind: Kind.Type) -> (any Analysis)? { kind.read(value) }
        return read(kind)
    }

    /// The kind of a key; `nil` for one that another version may know.
    static func named(_ key: String) -> (any Analysis.Type)? { all.first { $0.key == key } }
}
