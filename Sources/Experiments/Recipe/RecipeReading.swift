internal import FoundationEssentials

/// One reading of a recipe: where its paths lead, and everything found wrong so far.
///
/// Readers report and go on, so that one reading finds every problem. A class, because all readers
/// of one recipe add to the same list.
final class RecipeReading {
    let paths: PathResolver
    private let document: RecipeDocument
    private(set) var problems: [RecipeProblem] = []

    init(_ document: RecipeDocument, workingDirectory: URL?) {
        self.document = document
        let working = workingDirectory?.path ?? FileManager.default.currentDirectoryPath
        let beside = document.file.map { $0.absoluteURL.deletingLastPathComponent().path }
        paths = PathResolver(directories: [beside, working].compactMap(\.self))
    }

    func report(_ fact: RecipeFact, at path: DocumentPath, _ origin: DocumentOrigin) {
        problems.append(RecipeProblem(fact, at: path, origin))
    }

    /// The map that is the whole document.
    var root: MapReader? {
        let reader = ValueReader(value: document.root, path: DocumentPath(), reading: self)
        if case .scalar(let scalar) = document.root.content, scalar.isNull {
            report(.unreadable(reason: "it is empty"), at: DocumentPath(), .generated)
            return nil
        }
        return reader.map()
    }

    /// Everything found wrong.
    var error: RecipeError { RecipeError(file: document.label, problems: problems) }
}
