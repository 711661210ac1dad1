internal import Checkpoints
internal import Foundation
internal import Presentation
internal import Tasks

extension ExperimentResults {
    /// The studies that have runs, summed up.
    var summaries: [StudySummary] { index.studies.compactMap { StudySummary($0, in: self) } }

    /// All pictures, in the order of the studies.
    var figures: [Figure] { index.studies.flatMap(figures) }

    func figures(of study: ExperimentIndex.Study) -> [Figure] {
        if let kind = study.analysis.flatMap(Analyses.named), let table = tables[study.name] {
            return kind.figures(of: table, study: study.name)
        }
        return StudySummary(study, in: self)?.figures ?? []
    }

    /// The tables of all studies for a terminal.
    public func text(width: Int?) -> String {
        let parts = index.studies.compactMap { study -> String? in
            if let summary = StudySummary(study, in: self) {
                let legend = summary.legend.wrapped(toWidth: width ?? .max).joined(separator: "\n")
                return "\(study.name)\n" + summary.textTable.text(width: width) + legend + "\n"
            }
            guard let kind = study.analysis.flatMap(Analyses.named), let table = tables[study.name]
            else { return nil }
            let lines = kind.summary(of: table).flatMap { $0.wrapped(toWidth: width ?? .max) }
            return ([study.name] + lines).joined(separator: "\n") + "\n"
        }
        return parts.joined(separator: "\n")
    }

    /// Writes everything that is made of the results: rows, tables, pictures and the page.
    func write() throws {
        try writeRows()
        try AtomicFile.write(markdown, to: directory.markdown)
        try AtomicFile.write(latex, to: directory.latex)
        try FileManager.default.createDirectory(
            at: directory.figures,
            withIntermediateDirectories: true
        )
        for figure in figures {
            try AtomicFile.write(
                figure.svg,
                to: directory.figures.appending(path: figure.name + ".svg")
            )
        }
        try AtomicFile.write(page().html, to: directory.report)
    }

    private var markdown: String {
        let parts =
            ["# \(index.title)", index.question]
            + index.studies.flatMap { study -> [String] in
                var parts = ["## \(study.name)", study.note]
                if let summary = StudySummary(study, in: self) {
                    parts.append(
                        Markdown.table(summary.columns.map(\.title), summary.cells).joined(
                            separator: "\n"
                        )
                    )
                    parts.append(summary.legend)
                } else if let kind = study.analysis.flatMap(Analyses.named),
                    let table = tables[study.name]
                {
                    parts.append(kind.summary(of: table).joined(separator: " "))
                }
                return parts
            }
        return parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
    }

    private var latex: String {
        summaries.map { summary in
            (["% \(summary.study.name.printable). \(summary.legend)"]
                + LaTeX.table(summary.columns, summary.cells)).joined(separator: "\n")
        }.joined(separator: "\n\n") + "\n"
    }
}
