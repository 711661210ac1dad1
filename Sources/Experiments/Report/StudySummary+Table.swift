internal import Presentation
internal import Tasks

extension StudySummary {
    /// The columns of the study's table.
    var columns: [TextTable.Column] {
        study.axes.map { .text($0) } + tasks.map { .number($0) } + [.number("mean")]
            + (hasHeldOutTasks ? [.number("held in"), .number("held out")] : [])
            + [.number("of experts"), .number("calibration error")]
            + (settings.count > 1 ? [.number("change"), .number("p")] : [])
            + [.number("seconds")]
    }

    /// A row for each setting: accuracies in percent, ± their deviation where it was repeated.
    var cells: [[String]] {
        settings.map { setting in
            setting.values + tasks.map { Self.percent(setting.tasks[$0]) }
                + [Self.percent(setting.mean)]
                + (hasHeldOutTasks
                    ? [Self.percent(setting.heldIn), Self.percent(setting.heldOut)] : [])
                + [Self.percent(setting.normalized), Self.percent(setting.calibration)]
                + (settings.count > 1 ? change(setting.change) : [])
                + [NumberText.significant(setting.seconds)]
        }
    }

    /// What the table's numbers are, in a sentence.
    var legend: String {
        let parts = [
            "Accuracy in percent on inputs that nothing was adapted on"
                + (isRepeated ? ", ± the standard deviation over repetitions" : ""),
            settings.count > 1
                ? "change and p against the first row, paired over examples "
                    + (isRepeated ? "(sign flips)" : "(McNemar, exact)") : nil,
            base.map { "the base reaches \(Markdown.percent($0))" },
            experts.map { "the experts \(Markdown.percent($0))" },
        ]
        return parts.compactMap(\.self).joined(separator: "; ") + "."
    }

    /// The table for a terminal.
    var textTable: TextTable {
        var table = TextTable(columns)
        for row in cells { table.add(row) }
        return table
    }

    private static func percent(_ value: MeanDeviation?) -> String {
        guard let value else { return "–" }
        return Markdown.percent(value.mean)
            + (value.deviation.map { " ± \(Markdown.percent($0))" } ?? "")
    }

    private func change(_ change: PairedChange?) -> [String] {
        guard let change else { return ["", ""] }
        let sign = change.difference > 0 ? "+" : ""
        return [
            sign + Markdown.percent(change.difference),
            change.pValue < 0.0005 ? "< 0.001" : NumberText.fixed(change.pValue, decimals: 3),
        ]
    }
}
