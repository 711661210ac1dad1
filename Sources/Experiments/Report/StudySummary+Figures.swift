internal import Presentation
internal import Tasks

extension StudySummary {
    /// The study as pictures: a line over numbers, bars over names.
    var figures: [Figure] {
        let name = Figure.fileName(study.name)
        if let chart = sweep {
            return [
                Figure(
                    name,
                    .lines(chart),
                    caption: "Accuracy against \(study.axes[0]). " + intervals
                )
            ]
        }
        guard settings.count > 1 else { return [] }
        return [
            Figure(name, .bars(means), caption: "The mean over tasks. " + intervals),
            Figure(name + "-tasks", .bars(byTask), caption: "The same, task by task."),
        ]
    }

    private var intervals: String {
        isRepeated
            ? "The interval is ± one standard deviation over repetitions."
            : "The interval is that of 95 %, from the number of examples."
    }

    /// The accuracy over the numbers of the first axis: a line for each task, or for each point of a
    /// second axis.
    var sweep: LineChart? {
        let numbers = settings.compactMap { $0.values.first.flatMap(Double.init) }
        guard numbers.count == settings.count, Set(numbers).count > 1, study.axes.count <= 2 else {
            return nil
        }
        let places = zip(numbers, settings)
        var series: [LineChart.Series]
        if study.axes.count == 2 {
            series = settings.map { $0.values[1] }.unique.map { name in
                LineChart.Series(
                    "\(study.axes[1]) \(name)",
                    places.filter { $0.1.values[1] == name }.compactMap {
                        point($0, $1.mean, $1.interval)
                    }
                )
            }
        } else {
            series =
                [LineChart.Series("mean", places.compactMap { point($0, $1.mean, $1.interval) })]
                + (hasHeldOutTasks
                    ? [
                        LineChart.Series(
                            "held in",
                            places.compactMap { point($0, $1.heldIn, nil) }
                        ),
                        LineChart.Series(
                            "held out",
                            places.compactMap { point($0, $1.heldOut, nil) }
                        ),
                    ]
                    : tasks.map { task in
                        LineChart.Series(task, places.compactMap { point($0, $1.tasks[task], nil) })
                    })
            series.removeAll { $0.points.isEmpty }
        }
        let (least, most) = (numbers.min() ?? 0, numbers.max() ?? 1)
        return LineChart(
            title: study.name,
            x: study.axes[0],
            y: "accuracy",
            series: series,
            xScale: least > 0 && most / least >= 8 ? .logarithmic : .linear,
            yStyle: .percent,
            references: references
        )
    }

    private var references: [LineChart.Reference] {
        [
            base.map { LineChart.Reference("base", y: $0) },
            experts.map { LineChart.Reference("experts", y: $0) },
        ].compactMap(\.self)
    }

    private func point(
        _ x: Double,
        _ value: MeanDeviation?,
        _ interval: ClosedRange<Double>?
    ) -> LineChart.Point? {
        guard let value else { return nil }
        let half = value.deviation
        return LineChart.Point(
            x: x,
            y: value.mean,
            lower: half.map { value.mean - $0 } ?? interval?.lowerBound,
            upper: half.map { value.mean + $0 } ?? interval?.upperBound
        )
    }

    /// The mean over tasks, a bar for each setting.
    var means: BarChart {
        BarChart(
            title: study.name,
            axis: "mean accuracy over tasks",
            categories: settings.map(\.title),
            series: [
                BarChart.Series("mean", settings.map { bar($0.mean, $0.interval) })
            ],
            style: .percent,
            reference: experts.map { experts in
                BarChart.Reference("experts", settings.map { _ in experts })
            }
        )
    }

    /// The accuracy of each setting on each task.
    var byTask: BarChart {
        BarChart(
            title: "\(study.name), by task",
            axis: "accuracy",
            categories: tasks,
            series: settings.map { setting in
                BarChart.Series(setting.title, tasks.map { bar(setting.tasks[$0], nil) })
            },
            style: .percent
        )
    }

    private func bar(_ value: MeanDeviation?, _ interval: ClosedRange<Double>?) -> BarChart.Value {
        let half = value?.deviation
        return BarChart.Value(
            value?.mean,
            lower: half.flatMap { half in value.map { $0.mean - half } } ?? interval?.lowerBound,
            upper: half.flatMap { half in value.map { $0.mean + half } } ?? interval?.upperBound
        )
    }
}
