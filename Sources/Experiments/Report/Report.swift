internal import Checkpoints
public import Foundation
internal import Presentation
internal import Tasks

/// `merganser report`: a page of runs and experiments in one file.
public enum Report {
    /// Writes a page of some runs, of what `ablate` has written, or of both.
    ///
    /// - Parameters:
    ///   - places: directories of runs or of results.
    ///   - output: the file to write; it loads nothing and runs nothing.
    /// - Returns: What the page holds.
    /// - Throws: ``ExperimentFileError/notResults(_:)`` where a directory is neither.
    @discardableResult
    public static func write(_ places: [URL], to output: URL) throws -> Contents {
        let parts = try places.map(Part.init)
        let page: HTMLPage
        if parts.count == 1 {
            page = parts[0].page
        } else {
            let runs = parts.compactMap(\.run)
            let pages = parts.map(\.page)
            page = HTMLPage(
                title: "Runs and experiments",
                subtitle: "\(parts.count) of them, by Merganser \(Version.current).",
                sections: (runs.count > 1 ? [RunResults.comparison(of: runs)] : [])
                    + pages.flatMap { page in
                        page.sections.map {
                            HTMLPage.Section("\(page.title): \($0.title)", $0.content)
                        }
                    }
            )
        }
        try AtomicFile.write(page.html, to: output)
        return Contents(
            file: output.path,
            runs: parts.count { $0.run != nil },
            experiments: parts.count { $0.run == nil }
        )
    }

    /// What a page holds.
    public struct Contents: Encodable, Sendable {
        /// The file.
        public let file: String
        /// The number of runs, and of experiments.
        public let runs, experiments: Int
    }

    /// A part of a page.
    private enum Part {
        case run(RunResults)
        case experiment(ExperimentResults)

        init(_ place: URL) throws {
            let results = ResultsDirectory(place)
            if FileManager.default.fileExists(atPath: results.index.path) {
                self = .experiment(try ExperimentResults(in: results))
            } else {
                self = .run(try RunResults(RunDirectory(place)))
            }
        }

        var run: RunResults? { if case .run(let run) = self { run } else { nil } }

        var page: HTMLPage {
            switch self {
            case .run(let run): run.page()
            case .experiment(let experiment): experiment.page()
            }
        }
    }
}

extension RunResults {
    /// The accuracies of several runs beside each other.
    fileprivate static func comparison(of runs: [RunResults]) -> HTMLPage.Section {
        let tasks = runs.flatMap { $0.evaluation.filter { !$0.transductive }.map(\.task) }.unique
        let rows = runs.map { run in
            let scores = tasks.map { task in
                run.evaluation.first { $0.task == task && !$0.transductive }?
                    .scores["merged"]?.accuracy
            }
            return [run.name, run.recipe.mergeMethod]
                + scores.map { $0.map { Markdown.percent($0) } ?? "–" }
                + [
                    MeanDeviation(scores.compactMap(\.self)).map { Markdown.percent($0.mean) }
                        ?? "–"
                ]
        }
        let table = PageContent.table(
            columns: [.text("run"), .text("method")] + tasks.map { .number($0) } + [
                .number("mean")
            ],
            rows: rows,
            caption: "Accuracy of each merge on held-out inputs, in percent."
        )
        return HTMLPage.Section("Comparison", [table])
    }
}
