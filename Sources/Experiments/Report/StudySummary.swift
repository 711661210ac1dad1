internal import Tasks

/// The settings of a study, each with what its repetitions give on average.
struct StudySummary: Sendable {
    let study: ExperimentIndex.Study
    /// The tasks that are scored, in their order, and the splits where there are several of a task.
    let tasks: [String]
    let settings: [SettingSummary]
    /// What the base and the experts reach as a mean over the tasks.
    let base, experts: Double?

    /// Whether there are runs whose tasks are not all of experts that were merged.
    var hasHeldOutTasks: Bool { settings.contains { $0.heldOut != nil } }
    /// Whether settings were repeated, under several seeds or with several sets of experts.
    var isRepeated: Bool { settings.contains { $0.repetitions > 1 } }

    init?(_ study: ExperimentIndex.Study, in results: ExperimentResults) {
        let rows = results.rows.filter { $0.study == study.name }.onlyHeldOutInputs
        guard !rows.isEmpty else { return nil }
        self.study = study
        let tasks = rows.map(\.place).unique
        self.tasks = tasks
        let points = study.rows.map(\.settings).unique
        let first = points.first.map { results.correctness(of: study, at: $0) } ?? [:]
        settings = points.enumerated().compactMap { index, point in
            let values = Dictionary(point.map { ($0.axis, $0.value) }) { first, _ in first }
            let own = rows.filter { $0.settings == values }
            guard !own.isEmpty else { return nil }
            return SettingSummary(
                point.map(\.value),
                own,
                tasks,
                change: index == 0
                    ? nil : PairedChange(from: first, to: results.correctness(of: study, at: point))
            )
        }
        // Studies may score other inputs than the rest, and one that varies them has no one reference.
        let references = zip(results.index.bases, results.index.experts)
            .filter { pair in study.rows.contains { $0.experts == pair.1 } }
        func reference(_ run: String?) -> Double? {
            guard references.count == 1 else { return nil }
            let accuracies = results.rows.filter { $0.study == "reference" && $0.run == run }
                .compactMap(\.scores.accuracy)
            return MeanDeviation(accuracies)?.mean
        }
        (base, experts) = (reference(references.first?.0), reference(references.first?.1))
    }
}

/// One setting of a study.
struct SettingSummary: Sendable {
    /// Where it stands on each axis.
    let values: [String]
    /// How often it was run.
    let repetitions: Int
    /// The accuracy on each task, over repetitions.
    let tasks: [String: MeanDeviation]
    /// The mean accuracy over tasks, over repetitions.
    let mean: MeanDeviation?
    /// The same over tasks whose experts were merged, and over the others; `nil` without such.
    let heldIn, heldOut: MeanDeviation?
    /// The mean share of the experts' accuracy.
    let normalized: MeanDeviation?
    /// The mean calibration error.
    let calibration: MeanDeviation?
    /// The 95 % interval of the mean over tasks, from the examples; `nil` without labels.
    let interval: ClosedRange<Double>?
    /// The time of one run.
    let seconds: Double
    /// How it differs from the first setting on the same examples.
    let change: PairedChange?

    /// What it is called.
    var title: String { values.isEmpty ? "all" : values.joined(separator: ", ") }

    init(_ values: [String], _ rows: [ResultRow], _ places: [String], change: PairedChange?) {
        self.values = values
        let runs = rows.map { [$0.run, String($0.set), String($0.seed)] }.unique.map { key in
            rows.filter { [$0.run, String($0.set), String($0.seed)] == key }
        }
        repetitions = runs.count
        tasks = places.reduce(into: [:]) { table, place in
            table[place] = MeanDeviation(
                rows.filter { $0.place == place }.compactMap(\.scores.accuracy)
            )
        }
        func over(_ runs: [[ResultRow]], _ value: (ResultRow) -> Double?) -> MeanDeviation? {
            MeanDeviation(runs.compactMap { MeanDeviation($0.compactMap(value))?.mean })
        }
        mean = over(runs) { $0.scores.accuracy }
        heldIn = over(runs.map { $0.filter(\.heldIn) }) { $0.scores.accuracy }
        heldOut = over(runs.map { $0.filter { !$0.heldIn } }) { $0.scores.accuracy }
        normalized = over(runs, \.normalizedAccuracy)
        calibration = over(runs) { $0.scores.calibrationError }
        seconds = MeanDeviation(runs.compactMap { $0.first?.seconds })?.mean ?? 0
        self.change = change
        interval = mean.flatMap { mean in
            // Tasks are asked independently: the variances of their shares add up.
            let variances = places.compactMap { place -> Double? in
                guard let row = rows.first(where: { $0.place == place }),
                    let ends = row.scores.interval
                else { return nil }
                let half = (ends[1] - ends[0]) / 2
                return half * half
            }
            guard !variances.isEmpty else { return nil }
            let half = variances.reduce(0, +).squareRoot() / Double(variances.count)
            return max(0, mean.mean - half)...min(1, mean.mean + half)
        }
    }
}

/// How the accuracy of one setting differs from that of another on the same examples.
struct PairedChange: Sendable, Equatable {
    /// The difference of the mean accuracies over these examples.
    let difference: Double
    /// How probable as large a difference is where there is none.
    let pValue: Double
    /// The number of examples.
    let examples: Int

    /// Compares, example by example, the share of repetitions that are right.
    ///
    /// With one run each it is McNemar's exact test; with several, signs of the differences are flipped at
    /// random.
    init?(from first: [String: [[Bool]]], to second: [String: [[Bool]]]) {
        var pairs: [(Double, Double)] = []
        var isSingle = true
        for (place, before) in first.sorted(by: { $0.key < $1.key }) {
            guard let after = second[place], let count = before.first?.count, count > 0,
                (before + after).allSatisfy({ $0.count == count }), !after.isEmpty
            else { continue }
            isSingle = isSingle && before.count == 1 && after.count == 1
            func share(_ runs: [[Bool]], _ example: Int) -> Double {
                Double(runs.count { $0[example] }) / Double(runs.count)
            }
            pairs += (0..<count).map { (share(before, $0), share(after, $0)) }
        }
        guard !pairs.isEmpty else { return nil }
        examples = pairs.count
        difference = pairs.reduce(0) { $0 + $1.1 - $1.0 } / Double(pairs.count)
        pValue =
            isSingle
            ? McNemarTest(first: pairs.map { $0.0 == 1 }, second: pairs.map { $0.1 == 1 }).pValue
            : SignFlipTest(
                differences: pairs.map { $0.1 - $0.0 }.filter { $0 != 0 },
                draws: 10_000
            ).pValue
    }
}

extension ExperimentResults {
    /// Which examples each repetition of a setting gets right, by task; only those that nothing was
    /// adapted on, and only tasks that it has answered in all repetitions.
    fileprivate func correctness(
        of study: ExperimentIndex.Study,
        at point: [PlannedRun.Setting]
    ) -> [String: [[Bool]]] {
        let runs = study.rows.filter { $0.settings == point }.map(\.run)
        return runs.reduce(into: [:]) { table, run in
            for entry in answers[run] ?? [] where !entry.adapted.contains(true) {
                guard let right = entry.models["merged"]?.isRight else { continue }
                table["\(entry.task) \(entry.split)", default: []].append(right)
            }
        }
    }
}

extension ResultRow {
    /// The task, and the split where it is not the only one of its kind.
    fileprivate var place: String { task }
}

extension [ResultRow] {
    /// The rows of inputs that were not adapted on; all where there are no such.
    fileprivate var onlyHeldOutInputs: [ResultRow] {
        let heldOut = filter { !$0.transductive }
        return heldOut.isEmpty ? self : heldOut
    }
}
