internal import Presentation
internal import Tasks
internal import Tensors

/// Walks in a straight line through the space of weights and looks at tasks on the way.
///
/// `θ(t) = θ₀ + Σₖ ((1 − t)·aₖ + t·bₖ)·τₖ`, from coefficients `a` to coefficients `b`. Between two models it
/// shows whether a barrier of loss lies between them: linear mode connectivity (Frankle et al., 2020,
/// arXiv:1912.05671). From the base to a sum of task vectors it is addition, to `−τ` negation, to
/// `τ_b − τ_a + τ_c` an analogy (Ilharco et al., 2023, arXiv:2212.04089).
struct WeightPath: Analysis {
    static let key = "path"

    /// The coefficients at both ends, by expert; what is not named is 0.
    let from, to: [String: Double]
    /// The places on the way that are looked at: 0 is the beginning and 1 the end.
    let places: [Double]
    /// The tasks that are looked at; empty for all.
    let tasks: [String]
    /// The most examples of a task; `nil` for all.
    let examples: Int?

    static func read(_ value: ValueReader) -> WeightPath? {
        guard let map = value.map() else { return nil }
        let from = map["from"]?.coefficients() ?? [:]
        let to = map.required("to")?.coefficients() ?? [:]
        let places = map["values"]?.filledList(of: "numbers") { $0.number() }
        let points = map["points"]?.integer(atLeast: 2) ?? 11
        if places != nil, let points = map["points"] {
            points.report(.noEffect(condition: "without `values`"))
        }
        let tasks = map["tasks"]?.texts("names of tasks") ?? []
        let examples = map["examples"]?.integer(atLeast: 1)
        map.finish()
        return WeightPath(
            from: from,
            to: to,
            places: places ?? (0..<points).map { Double($0) / Double(points - 1) },
            tasks: tasks,
            examples: examples
        )
    }

    var identity: String {
        func text(_ ends: [String: Double]) -> String {
            ends.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        }
        return "path from \(text(from)) to \(text(to)) at \(places) on \(tasks), "
            + "\(examples.map(String.init) ?? "all") examples"
    }

    func table(in context: AnalysisContext) throws -> AnalysisTable {
        let (start, end) = (try coefficients(from, context), try coefficients(to, context))
        let looked = try context.tasks(named: tasks)
        let splits = try looked.map { try context.examples(of: $0, atMost: examples) }
        var table = AnalysisTable([
            "place", "task", "examples", "accuracy", "interval_low", "interval_high", "loss",
            "entropy",
        ])
        for (index, place) in places.enumerated() {
            let row = zip(start, end).map { Float((1 - place) * $0 + place * $1) }
            let scores = try context.kept("place-\(index)") {
                try zip(looked, splits).map {
                    Scores(try context.answers(of: row, to: $0, on: $1))
                }
            }
            for (task, score) in zip(looked, scores) {
                table.add([
                    .number(place), .text(task.name), .number(Double(score.examples)),
                    .number(score.accuracy ?? .nan), .number(score.interval?[0] ?? .nan),
                    .number(score.interval?[1] ?? .nan), .number(score.loss ?? .nan),
                    .number(score.entropy),
                ])
            }
        }
        return table
    }

    private func coefficients(
        _ ends: [String: Double],
        _ context: AnalysisContext
    ) throws -> [Double] {
        var row = context.experts.map { _ in 0.0 }
        for (name, value) in ends { row[try context.expert(name)] = value }
        return row
    }
}

// MARK: What it shows

extension WeightPath {
    static func figures(of table: AnalysisTable, study: String) -> [Figure] {
        [
            Figure(
                Figure.fileName(study) + "-accuracy",
                .lines(chart(of: table, "accuracy", title: study, y: "accuracy", .percent)),
                caption: "Accuracy on the way; the interval is that of 95 %."
            ),
            Figure(
                Figure.fileName(study) + "-loss",
                .lines(chart(of: table, "loss", title: study, y: "loss, nats", .plain)),
                caption: "The same in loss: a barrier stands above the line between its ends."
            ),
        ]
    }

    static func chart(
        of table: AnalysisTable,
        _ column: String,
        title: String,
        y: String,
        _ style: NumberStyle
    ) -> LineChart {
        let hasInterval = column == "accuracy"
        let series = table.groups(by: "task").map { task, rows in
            LineChart.Series(
                task,
                rows.indices.map { index in
                    LineChart.Point(
                        x: rows.numbers("place")[index],
                        y: rows.numbers(column)[index],
                        lower: hasInterval ? rows.numbers("interval_low")[index] : nil,
                        upper: hasInterval ? rows.numbers("interval_high")[index] : nil
                    )
                }
            )
        }
        return LineChart(
            title: title,
            x: "place on the way, from 0 to 1",
            y: y,
            series: series,
            yStyle: style
        )
    }

    static func summary(of table: AnalysisTable) -> [String] {
        table.groups(by: "task").compactMap { task, rows in
            let places = rows.numbers("place")
            guard let first = places.firstIndex(of: 0), let last = places.firstIndex(of: 1) else {
                return nil
            }
            let (accuracies, losses) = (rows.numbers("accuracy"), rows.numbers("loss"))
            // What stands highest above the straight line between the ends' losses.
            let barrier =
                places.indices.filter { (0...1).contains(places[$0]) }.map { index in
                    losses[index] - (1 - places[index]) * losses[first] - places[index]
                        * losses[last]
                }.max() ?? 0
            func percent(_ index: Int) -> String { Markdown.percent(accuracies[index]) + " %" }
            return
                "\(task): accuracy from \(percent(first)) to \(percent(last)); the loss stands at most "
                + "\(NumberText.fixed(max(0, barrier), decimals: 3)) nats above the line between its ends."
        }
    }
}

extension ValueReader {
    /// A coefficient for each expert that is named.
    func coefficients() -> [String: Double]? {
        dictionary(of: "experts and their coefficients") { $0.number() }
    }
}
