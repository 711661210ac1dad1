internal import Merging
internal import Presentation
internal import Tasks

extension RunResults {
    /// The run on a page of its own.
    func page(refresh: Int? = nil) -> HTMLPage {
        HTMLPage(
            title: "Run \(name)",
            subtitle: state + " Made with Merganser \(lock?.version ?? Version.current).",
            sections: sections,
            refresh: refresh
        )
    }

    /// How far it is, in a sentence.
    private var state: String {
        let steps = recipe.learning?.steps ?? 0
        guard evaluation.isEmpty else {
            return "\(recipe.mergeMethod), \(steps) steps"
                + (bestStep.map { ", step \($0) kept." } ?? ".")
        }
        return "\(recipe.mergeMethod), step \(history.last?.step ?? 0) of \(steps)."
    }

    private var sections: [HTMLPage.Section] {
        [
            HTMLPage.Section("Results", results),
            HTMLPage.Section("Learning and coefficients", [.figures(figures.map(\.onPage))]),
            HTMLPage.Section("Recipe", recipeContent),
            HTMLPage.Section("How to make it again", reproduction),
        ]
    }

    private var results: [PageContent] {
        guard !evaluation.isEmpty else { return [.paragraph("It is still learning.")] }
        let models = evaluation.models
        let rows = evaluation.map { entry in
            [
                entry.task, entry.split + (entry.transductive ? " (adapted on)" : ""),
                "\(entry.examples)",
            ]
                + models.map { model in
                    entry.scores[model]?.accuracy.map { Markdown.percent($0) }
                        ?? entry.scores[model].map { NumberText.fixed($0.entropy, decimals: 3) }
                        ?? "–"
                }
        }
        return [
            .table(
                columns: [.text("task"), .text("split"), .number("examples")]
                    + models.map { .number($0) },
                rows: rows,
                caption: "Accuracy in percent; the entropy in nats where there are no labels."
            )
        ]
    }

    private var recipeContent: [PageContent] {
        guard let yaml = try? recipe.resolvedYAML() else { return [] }
        return [.folded(summary: "The recipe, every default written out", code: yaml)]
    }

    private var reproduction: [PageContent] {
        guard let lock else { return [] }
        return [
            .code(lock.command.commandLine),
            .paragraph(
                "\(lock.threads) threads; \(lock.blasConfiguration), kernel \(lock.blas)."
            ),
            .folded(
                summary: "The SHA-256 of every input",
                code: lock.inputs.map { "\($0.sha256)  \($0.path)" }.joined(separator: "\n")
            ),
        ]
    }
}
