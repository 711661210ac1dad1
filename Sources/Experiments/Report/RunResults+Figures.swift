internal import Checkpoints
internal import Merging
internal import Presentation
internal import Tasks
internal import Tensors

extension RunResults {
    /// All pictures of the run that there are data for.
    var figures: [Figure] {
        var figures: [Figure] = []
        if !evaluation.isEmpty {
            figures.append(
                Figure(
                    "\(Figure.fileName(name))-scores",
                    .bars(scores),
                    caption: "Accuracy on held-out inputs, with intervals of 95 %."
                )
            )
        }
        if history.count > 1 {
            figures.append(
                Figure(
                    "\(Figure.fileName(name))-entropy",
                    .lines(entropies),
                    caption: "The mean entropy of each task's predictions on the batch of a step."
                )
            )
        }
        if history.contains(where: { $0.selection != nil }) {
            figures.append(
                Figure(
                    "\(Figure.fileName(name))-agreement",
                    .lines(agreement),
                    caption:
                        "How often the merged model predicts what the expert does, on inputs that do "
                        + "not drive the learning; the mark is the step that is kept."
                )
            )
        }
        if let kept {
            figures.append(
                Figure(
                    "\(Figure.fileName(name))-coefficients",
                    .cells(coefficients(kept)),
                    caption: "The coefficients that are kept, by layer: of finer groups the mean."
                )
            )
        }
        if let chart = trajectories {
            figures.append(
                Figure(
                    "\(Figure.fileName(name))-trajectories",
                    .lines(chart),
                    caption: "Where the coefficients of each group of parameters went."
                )
            )
        }
        return figures
    }

    /// The accuracy of every model on every task.
    var scores: BarChart {
        let heldOut = evaluation.filter { !$0.transductive }
        let entries = heldOut.isEmpty ? evaluation : heldOut
        let models = entries.models.filter { $0 != "expert" }
        return BarChart(
            title: "Accuracy by task",
            axis: "accuracy",
            categories: entries.map(\.task),
            series: models.map { model in
                BarChart.Series(
                    model,
                    entries.map { entry in
                        let scores = entry.scores[model]
                        return BarChart.Value(
                            scores?.accuracy,
                            lower: scores?.interval?[0],
                            upper: scores?.interval?[1]
                        )
                    }
                )
            },
            style: .percent,
            reference: BarChart.Reference("expert", entries.map { $0.scores["expert"]?.accuracy })
        )
    }

    /// The entropy of every task over the steps.
    var entropies: LineChart {
        LineChart(
            title: "Entropy while learning",
            x: "step",
            y: "entropy, nats",
            series: curves { $0.entropy[$1] }
        )
    }

    /// The agreement with the experts over the steps.
    var agreement: LineChart {
        LineChart(
            title: "Agreement with the experts",
            x: "step",
            y: "the same class",
            series: curves(emphasis: bestStep.map(Double.init)) {
                $0.selection?.tasks[$1]?.agreement
            },
            yStyle: .percent
        )
    }

    private func curves(
        emphasis: Double? = nil,
        _ value: (HistoryEntry, String) -> Double?
    ) -> [LineChart.Series] {
        recipe.tasks.map(\.name).map { task in
            LineChart.Series(
                task,
                history.compactMap { entry in
                    value(entry, task).map { LineChart.Point(x: Double(entry.step), y: $0) }
                },
                emphasis: emphasis
            )
        }.filter { !$0.points.isEmpty }
    }

    /// The coefficients, layers × experts.
    func coefficients(_ kept: Coefficients) -> HeatMap {
        let coarse = kept.granularity == .tensor ? kept.regrouped(.layer) : kept
        return HeatMap(
            title: "Coefficients",
            rows: coarse.groups.map(\.name),
            columns: coarse.models,
            values: coarse.lambda.map { $0.map { Double($0) } }
        )
    }

    /// The coefficients over the steps: a line for each group of parameters and expert.
    var trajectories: LineChart? {
        guard let trajectory, trajectory.shape.count == 3, trajectory.shape[0] > 1,
            let learning = recipe.learning
        else { return nil }
        let (steps, groups, models) = (
            trajectory.shape[0], trajectory.shape[1], trajectory.shape[2]
        )
        let names = kept?.models ?? recipe.expertNames
        let places = kept?.groups.map(\.name) ?? (0..<groups).map { "group \($0 + 1)" }
        guard names.count == models, places.count == groups else { return nil }
        let elements = trajectory.elements
        let series = (0..<models).flatMap { model in
            (0..<groups).map { group in
                LineChart.Series(
                    groups == 1 ? names[model] : "\(names[model]), \(places[group])",
                    (0..<steps).map { step in
                        let place = (step * groups + group) * models + model
                        return LineChart.Point(x: Double(step), y: Double(elements[place]))
                    },
                    group: names[model]
                )
            }
        }
        return LineChart(
            title: "Trajectories of the coefficients",
            x: "step",
            y: "λ by \(learning.granularity.rawValue)",
            series: series
        )
    }
}
