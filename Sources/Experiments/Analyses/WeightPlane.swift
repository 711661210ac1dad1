internal import Presentation
internal import Tasks
internal import Tensors

/// How far two task vectors disturb each other, over the plane of their coefficients.
///
/// The weight disentanglement error `ξ(λ₁, λ₂) = Σₜ P[f(x; θ₀ + λₜ·τₜ) ≠ f(x; θ₀ + λ₁·τ₁ + λ₂·τ₂)]`: how often, on
/// the inputs of each task, the sum predicts another class than the task's own vector alone
/// (Ortiz-Jimenez et al., 2023, arXiv:2305.12827).
struct WeightPlane: Analysis {
    static let key = "plane"

    /// The two experts.
    let experts: [String]
    /// The coefficients of each of them.
    let values: [Double]
    /// The most examples of a task; `nil` for all.
    let examples: Int?

    /// What is found at a place, on one task.
    private struct Look: Codable {
        let error: Double
        let accuracy: Double?
    }

    static func read(_ value: ValueReader) -> WeightPlane? {
        guard let map = value.map() else { return nil }
        let experts = map.required("experts")?.texts("two names of experts")
        if let experts, experts.count != 2 || experts[0] == experts[1] {
            map["experts"]?.mismatch("two different experts")
        }
        let values = map["values"]?.filledList(of: "numbers") { $0.number() }
        let examples = map["examples"]?.integer(atLeast: 1)
        map.finish()
        guard let experts, experts.count == 2 else { return nil }
        return WeightPlane(
            experts: experts,
            values: values ?? stride(from: -1, through: 1, by: 0.25).map { $0 },
            examples: examples
        )
    }

    var identity: String {
        "plane of \(experts) at \(values), \(examples.map(String.init) ?? "all") examples"
    }

    func table(in context: AnalysisContext) throws -> AnalysisTable {
        let places = try experts.map(context.expert)
        let tasks = try places.map { place in
            guard let task = context.tasks.first(where: { $0.expertIndex == place }) else {
                throw ExperimentFileError.unknownTask(
                    context.experts[place],
                    known: context.tasks.map(\.name)
                )
            }
            return task
        }
        let splits = try tasks.map { try context.examples(of: $0, atMost: examples) }
        func answers(_ coefficients: [Double], _ task: Int) throws -> Answers {
            var row = context.experts.map { _ in Float(0) }
            for (place, value) in zip(places, coefficients) { row[place] = Float(value) }
            return try context.answers(of: row, to: tasks[task], on: splits[task])
        }
        // What each vector does alone.
        let alone = try values.enumerated().map { index, value in
            try context.kept("alone-\(index)") {
                [try answers([value, 0], 0).predictions, try answers([0, value], 1).predictions]
            }
        }
        var table = AnalysisTable([
            experts[0], experts[1], "error", "error_\(experts[0])", "error_\(experts[1])",
            "accuracy_\(experts[0])", "accuracy_\(experts[1])",
        ])
        for (i, first) in values.enumerated() {
            for (j, second) in values.enumerated() {
                let found = try context.kept("both-\(i)-\(j)") {
                    try [0, 1].map { task in
                        let both = try answers([first, second], task)
                        let own = alone[task == 0 ? i : j][task]
                        let other = zip(both.predictions, own).count { $0 != $1 }
                        return Look(
                            error: Double(other) / Double(max(1, both.count)),
                            accuracy: Scores(both).accuracy
                        )
                    }
                }
                let numbers =
                    [first, second, found[0].error + found[1].error] + found.map(\.error)
                    + found.map { $0.accuracy ?? .nan }
                table.add(numbers.map(AnalysisTable.Cell.number))
            }
        }
        return table
    }
}

// MARK: What it shows

extension WeightPlane {
    static func figures(of table: AnalysisTable, study: String) -> [Figure] {
        [
            Figure(
                Figure.fileName(study),
                .cells(map(of: table, title: study)),
                caption:
                    "How often both vectors together predict another class than the task's own alone, "
                    + "summed over the two tasks; 0 where they do not disturb each other."
            )
        ]
    }

    static func map(of table: AnalysisTable, title: String) -> HeatMap {
        let (first, second) = (table.columns[0], table.columns[1])
        let values = table.numbers(second).unique
        let errors = table.numbers("error")
        let size = values.count
        return HeatMap(
            title: title,
            x: ("λ of \(first)", values),
            y: ("λ of \(second)", values),
            values: (0..<size).map { y in (0..<size).map { x in errors[x * size + y] } },
            style: .plain,
            scale: HeatMap.Scale(0...max(errors.filter(\.isFinite).max() ?? 1, 0.01))
        )
    }

    static func summary(of table: AnalysisTable) -> [String] {
        let (first, second) = (table.columns[0], table.columns[1])
        let (x, y, errors) = (table.numbers(first), table.numbers(second), table.numbers("error"))
        guard let place = errors.indices.first(where: { x[$0] == 1 && y[$0] == 1 }) else {
            return []
        }
        return [
            "With both coefficients at 1, \(Markdown.percent(errors[place] / 2)) % of the predictions "
                + "differ from those of the task's own vector alone, as a mean over the two tasks."
        ]
    }
}
