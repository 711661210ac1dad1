internal import Presentation
internal import Tasks
internal import Tensors

/// Whether entropy stands for loss, which AdaMerging rests on: their rank correlation over examples
/// (Yang et al., 2024, arXiv:2310.02575, report 0.87 for eight tasks of CLIP ViT-B/32).
struct EntropyAgainstLoss: Analysis {
    static let key = "entropy_loss"

    /// The coefficient of every expert.
    let scale: Double
    /// The tasks that are looked at; empty for all.
    let tasks: [String]
    /// The most examples of a task; `nil` for all.
    let examples: Int?
    /// How many groups of equally many examples the pictures show.
    private static let groups = 10

    static func read(_ value: ValueReader) -> EntropyAgainstLoss? {
        guard let map = value.map() else { return nil }
        let scale = map["scale"]?.number() ?? 0.3
        let tasks = map["tasks"]?.texts("names of tasks") ?? []
        let examples = map["examples"]?.integer(atLeast: 2)
        map.finish()
        return EntropyAgainstLoss(scale: scale, tasks: tasks, examples: examples)
    }

    var identity: String {
        "entropy and loss at \(scale) on \(tasks), \(examples.map(String.init) ?? "all") examples"
    }

    func table(in context: AnalysisContext) throws -> AnalysisTable {
        let row = context.experts.map { _ in Float(scale) }
        var table = AnalysisTable(["task", "entropy", "loss", "right"])
        for task in try context.tasks(named: tasks) {
            let split = try context.examples(of: task, atMost: examples)
            let answers = try context.answers(of: row, to: task, on: split)
            guard let losses = answers.losses, let right = answers.isRight else {
                throw ExperimentError.unsupported(
                    "The task \(task.name) has no labels on \(task.evaluate), so it has no loss that entropy "
                        + "could be compared with; leave it out with tasks."
                )
            }
            for index in 0..<answers.count {
                table.add([
                    .text(task.name), .number(Double(answers.entropies[index])),
                    .number(Double(losses[index])), .number(right[index] ? 1 : 0),
                ])
            }
        }
        return table
    }
}

// MARK: What it shows

extension EntropyAgainstLoss {
    static func figures(of table: AnalysisTable, study: String) -> [Figure] {
        [
            Figure(
                Figure.fileName(study),
                .points(plot(of: table, title: study)),
                caption:
                    "Each mark is the mean of a tenth of a task's examples, in the order of their "
                    + "entropy; the correlation is that of single examples."
            )
        ]
    }

    static func plot(of table: AnalysisTable, title: String) -> ScatterPlot {
        let series = table.groups(by: "task").map { task, rows in
            let (entropies, losses) = (rows.numbers("entropy"), rows.numbers("loss"))
            let order = entropies.indices.sorted { (entropies[$0], $0) < (entropies[$1], $1) }
            let points = (0..<groups).compactMap { group -> ScatterPlot.Point? in
                let members = order[
                    order.count * group / groups..<order.count * (group + 1) / groups
                ]
                guard !members.isEmpty else { return nil }
                func mean(_ values: [Double]) -> Double {
                    members.reduce(0) { $0 + values[$1] } / Double(members.count)
                }
                return ScatterPlot.Point(x: mean(entropies), y: mean(losses))
            }
            return ScatterPlot.Series(task, points)
        }
        let all = RankCorrelation.spearman(table.numbers("entropy"), table.numbers("loss"))
        return ScatterPlot(
            title: title,
            x: "entropy, nats",
            y: "loss, nats",
            series: series,
            note: all.map { "Spearman's ρ of all examples: \(NumberText.fixed($0, decimals: 2))" }
                ?? ""
        )
    }

    static func summary(of table: AnalysisTable) -> [String] {
        func sentence(_ name: String, _ rows: AnalysisTable) -> String? {
            RankCorrelation.spearman(rows.numbers("entropy"), rows.numbers("loss")).map {
                "\(name): ρ = \(NumberText.fixed($0, decimals: 2)) over "
                    + "\(NumberText.grouped(rows.rows.count)) examples"
            }
        }
        let parts = table.groups(by: "task").compactMap { sentence($0, $1) }
        return [sentence("All tasks", table)].compactMap(\.self).map { $0 + "." }
            + (parts.count > 1 ? [parts.joined(separator: "; ") + "."] : [])
    }
}
