internal import Autograd
internal import Merging
internal import Presentation
internal import Tasks
internal import Tensors

/// How far tasks pull a merge into different directions: by their task vectors, and by the gradients of
/// their objectives.
///
/// Of every pair of experts, the cosine of their task vectors and the share of entries whose signs differ
/// (Yadav et al., 2023, arXiv:2306.01708); of every pair of tasks, the cosine of the gradients of their
/// objectives by the coefficients, which conflict where it is negative (Yu et al., 2020,
/// arXiv:2001.06782).
struct TaskConflicts: Analysis {
    static let key = "conflict"

    /// The coefficient of every expert where gradients are taken.
    let scale: Double
    /// The examples of each task that gradients are taken of.
    let examples: Int

    static func read(_ value: ValueReader) -> TaskConflicts? {
        guard let map = value.map() else { return nil }
        let scale = map["scale"]?.number() ?? 0.3
        let examples = map["examples"]?.integer(atLeast: 1) ?? 128
        map.finish()
        return TaskConflicts(scale: scale, examples: examples)
    }

    var identity: String { "conflicts at \(scale), \(examples) examples" }

    func table(in context: AnalysisContext) throws -> AnalysisTable {
        let pool = context.setup.pool
        let relations = try TaskVectorRelations(
            of: pool,
            named: context.experts,
            workers: context.workers
        ) {}
        let gradients = try context.tasks.map { task in
            try context.kept("gradient-\(task.name)") { try gradient(of: task, context) }
        }
        var table = AnalysisTable(["quantity", "first", "second", "value"])
        for pair in relations.overall.pairs {
            let names: [AnalysisTable.Cell] = [.text(pair.first), .text(pair.second)]
            table.add(["cosine of task vectors"] + names + [.number(pair.cosine ?? .nan)])
            table.add(["sign conflict"] + names + [.number(pair.conflict)])
        }
        for (i, first) in context.tasks.enumerated() {
            for (j, second) in context.tasks.enumerated() where j > i {
                table.add([
                    "cosine of gradients", .text(first.name), .text(second.name),
                    .number(Self.cosine(gradients[i], gradients[j])),
                ])
            }
        }
        return table
    }

    /// The derivatives of a task's objective by the coefficients of all tensors.
    private func gradient(of task: OpenTask, _ context: AnalysisContext) throws -> [Double] {
        let pool = context.setup.pool
        let split = try task.read(
            task.adapt,
            labels: .unread,
            workers: context.workers,
            observer: context.observer
        )
        let inputs = split.encoded.selecting(Array(0..<min(examples, split.encoded.count)))
        let objective = PredictionObjective(
            ObjectiveTerms(),
            tasks: [
                LearningTask(name: task.name, weight: 1, expert: task.expert, examples: inputs)
            ],
            batchSize: inputs.count,
            steps: 0,
            seed: context.recipe.seed
        ) { _, _, _ in [] }
        var learner = CoefficientLearner(
            PlainTaskVectors(pool),
            from: Coefficients(
                .tensor,
                models: pool.experts,
                parameters: pool.parameters.map(\.name),
                initial: Float(scale)
            ),
            options: CoefficientLearner.Options(schedule: Schedule(peak: 1, steps: 1)),
            workers: context.workers
        )
        return try learner.measure(objective).gradient.elements.map(Double.init)
    }

    static func cosine(_ a: [Double], _ b: [Double]) -> Double {
        func dot(_ a: [Double], _ b: [Double]) -> Double {
            zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let scale = (dot(a, a) * dot(b, b)).squareRoot()
        return scale > 0 ? dot(a, b) / scale : .nan
    }
}

// MARK: What it shows

extension TaskConflicts {
    static func figures(of table: AnalysisTable, study: String) -> [Figure] {
        table.groups(by: "quantity").map { quantity, rows in
            Figure(
                Figure.fileName("\(study) \(quantity)"),
                .cells(map(of: rows, title: quantity)),
                caption: captions[quantity] ?? ""
            )
        }
    }

    private static let captions = [
        "cosine of task vectors": "How far the task vectors of two experts point the same way.",
        "sign conflict":
            "The share of entries that both experts change, and in different directions.",
        "cosine of gradients":
            "How far two tasks would move the coefficients the same way; below 0 they conflict.",
    ]

    static func map(of rows: AnalysisTable, title: String) -> HeatMap {
        let (firsts, seconds) = (rows.texts("first"), rows.texts("second"))
        let names = (firsts + seconds).unique
        let values = rows.numbers("value")
        var cells: [[Double?]] = names.map { _ in names.map { _ in nil } }
        for index in values.indices {
            guard let i = names.firstIndex(of: firsts[index]),
                let j = names.firstIndex(of: seconds[index])
            else { continue }
            (cells[i][j], cells[j][i]) = (values[index], values[index])
        }
        let largest = values.filter(\.isFinite).map(abs).max() ?? 1
        return HeatMap(
            title: title,
            rows: names,
            columns: names,
            values: cells,
            scale: HeatMap.Scale(limit: max(largest, 0.01), isSigned: title.hasPrefix("cosine"))
        )
    }

    static func summary(of table: AnalysisTable) -> [String] {
        table.groups(by: "quantity").compactMap { quantity, rows in
            let values = rows.numbers("value").filter(\.isFinite)
            guard let least = values.min(), let most = values.max() else { return nil }
            return "\(quantity.prefix(1).uppercased() + quantity.dropFirst()) of "
                + "\(values.count) pairs: \(NumberText.fixed(least, decimals: 2)) to "
                + "\(NumberText.fixed(most, decimals: 2))."
        }
    }
}
