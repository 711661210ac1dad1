internal import Presentation
internal import Tasks

extension ExperimentResults {
    /// Everything on one page; `refresh` is the number of seconds after which a browser reads it again.
    func page(refresh: Int? = nil) -> HTMLPage {
        let state = missing == 0 ? "" : ", \(missing) of its runs and analyses not done yet"
        return HTMLPage(
            title: index.title,
            subtitle: "An experiment with Merganser \(Version.current)\(state).",
            sections: [overview] + index.studies.map(section(of:)) + [reproduction],
            refresh: refresh
        )
    }

    private var overview: HTMLPage.Section {
        let tasks = rows.filter { $0.study == "reference" }
        let names = tasks.map(\.task).unique
        func accuracy(_ method: String, _ task: String) -> String {
            let row = tasks.first { $0.method == method && $0.task == task }
            return row?.scores.accuracy.map { Markdown.percent($0) } ?? "–"
        }
        let table = PageContent.table(
            columns: [
                .text("task"), .text("split"), .number("examples"), .number("base"),
                .number("experts"),
            ],
            rows: names.map { name in
                let row = tasks.first { $0.task == name }
                return [
                    name, row?.split ?? "", row.map { String($0.scores.examples) } ?? "",
                    accuracy("base", name), accuracy("experts", name),
                ]
            },
            caption:
                "What is scored, and what the base with the experts' heads and the experts reach: "
                + "accuracy in percent."
        )
        let question = index.question.isEmpty ? [] : [PageContent.paragraph(index.question)]
        return HTMLPage.Section("What was asked", question + (names.isEmpty ? [] : [table]))
    }

    private func section(of study: ExperimentIndex.Study) -> HTMLPage.Section {
        let figures = figures(of: study)
        var content: [PageContent] = study.note.isEmpty ? [] : [.paragraph(study.note)]
        if !figures.isEmpty { content.append(.figures(figures.map(\.onPage))) }
        if let summary = StudySummary(study, in: self) {
            content.append(
                .table(columns: summary.columns, rows: summary.cells, caption: summary.legend)
            )
        } else if let kind = study.analysis.flatMap(Analyses.named), let table = tables[study.name]
        {
            content.append(.list(kind.summary(of: table).map { [.plain($0)] }))
        } else {
            content.append(.paragraph("Not done yet."))
        }
        return HTMLPage.Section(study.name, content)
    }

    private var reproduction: HTMLPage.Section {
        let runs = index.studies.flatMap { study in
            study.rows.map { row -> [String] in
                let known = rows.first { $0.run == row.run }
                let place = row.settings.map { "\($0.axis) \($0.value)" }.joined(separator: ", ")
                return [
                    study.name, place, String(row.seed), row.run,
                    known.map { String($0.inputsHash.prefix(12)) } ?? "not done",
                    known?.coefficientsHash.map { String($0.prefix(12)) } ?? "–",
                ]
            }
        }
        var content: [PageContent] = [
            .paragraph("Whoever has the experiment and its inputs makes all of this again with"),
            .code(index.command.commandLine),
        ]
        content += index.texts.map { .folded(summary: $0.name, code: $0.text) }
        if !runs.isEmpty {
            content.append(
                .table(
                    columns: [
                        .text("study"), .text("setting"), .number("seed"), .text("run"),
                        .text("inputs"), .text("coefficients"),
                    ],
                    rows: runs,
                    caption:
                        "The beginnings of the SHA-256 of each run's recipe with its inputs, of its "
                        + "inputs alone, and of the coefficients that it found."
                )
            )
        }
        return HTMLPage.Section("How to make it again", content)
    }
}
