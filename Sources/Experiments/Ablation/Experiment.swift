public import Foundation
public import Tasks

/// What is varied in a recipe, and what is measured: `experiment.yml`.
public struct Experiment: Sendable {
    /// What the experiment is called.
    public var title: String
    /// What it asks, in a few sentences; empty where nobody said.
    public var question: String
    /// The file it was read from.
    public var source: URL
    /// The recipe that everything is varied of, with what the whole experiment sets in it.
    var recipe: RecipeDocument
    /// The questions, each with runs or an analysis of its own.
    public var studies: [Study]
    /// What stands in the file, and in that of the recipe.
    var texts: [SourceText]
    /// The splits that are scored; empty for the evaluate split of each task.
    public var splits: [SplitReference]
}

/// A file that says what is done, as it was read.
struct SourceText: Codable, Sendable, Equatable {
    /// The name of the file, without where it lies.
    var name: String
    /// Its content.
    var text: String

    init(_ file: URL) throws {
        name = file.lastPathComponent
        text = try String(contentsOf: file, encoding: .utf8)
    }
}

/// One question of an experiment: runs that differ along axes, or an analysis.
public struct Study: Sendable {
    /// How a study is answered.
    enum Content: Sendable {
        /// By every combination of the points of some axes.
        case runs([Axis])
        /// By looking at weights or predictions.
        case analysis(any Analysis)
    }

    /// What tables and figures call it.
    public var name: String
    /// What its result says, in a few sentences that stand beside it; empty where nobody said.
    public var note: String
    /// What it sets in the recipe.
    var changes: [RecipeChange]
    /// The seeds under each of which everything is run.
    public var seeds: [UInt64]
    /// How it is answered.
    var content: Content
}

/// One direction in which runs of a study differ.
struct Axis: Sendable {
    /// One place on an axis.
    struct Point: Sendable {
        /// What tables and figures call it.
        var label: String
        /// What it sets in the recipe.
        var changes: [RecipeChange] = []
        /// The experts that are merged, where not all are: several sets of them count as repetitions.
        var experts: ExpertSelection?
    }

    /// What tables and figures call it.
    var name: String
    /// The places on it, in the order of the file.
    var points: [Point]
}

/// A key of a recipe and what it is set to.
struct RecipeChange: Sendable {
    let path: DocumentPath
    let value: DocumentValue

    /// A change, which messages name as they name one of the command line.
    init(_ path: DocumentPath, _ value: DocumentValue) {
        self.path = path
        self.value = value.moved(to: .override("\(path)=\(value.brief)"))
    }
}

/// Which experts of a recipe are merged.
enum ExpertSelection: Sendable, Equatable {
    /// All but these, by the names of experts or of their tasks.
    case without([String])
    /// So many, in so many different sets.
    case some(Int, sets: Int)
}
