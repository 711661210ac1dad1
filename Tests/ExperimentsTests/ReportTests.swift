import Foundation
import Merging
import Presentation
import Tasks
import Tensors
import TestSupport
import Testing

@testable import Experiments

@Suite struct `What is drawn of an experiment` {
    private let folder: WorkingFolder

    init() throws { folder = try WorkingFolder() }

    private func results(_ studies: String, head: String = "") throws -> ExperimentResults {
        try Ablation.run(
            folder.experiment(studies, head: head),
            in: folder["results"],
            workers: Workers(2)
        )
    }

    /// The mean accuracy over tasks of the rows of a value.
    private func accuracy(_ results: ExperimentResults, _ axis: String, _ value: String) -> Double {
        let rows = results.rows.filter { $0.settings[axis] == value }
        let accuracies = rows.compactMap(\.scores.accuracy)
        return accuracies.reduce(0, +) / Double(accuracies.count)
    }

    @Test func `a line over numbers goes through the means of its rows`() throws {
        let results = try results(
            """
              - name: sweep
                set: {merge_method: task_arithmetic, parameters: {weight: 1}}
                axes: {parameters.lambda: [0.1, 0.4, 1.0]}
            """
        )
        let summary = try #require(results.summaries.first)
        let chart = try #require(summary.sweep)
        #expect(chart.xScale == .logarithmic && chart.xTitle == "lambda")
        let mean = try #require(chart.series.first { $0.name == "mean" })
        #expect(mean.points.map(\.x) == [0.1, 0.4, 1])
        for (point, value) in zip(mean.points, ["0.1", "0.4", "1.0"]) {
            #expect(abs(point.y - accuracy(results, "lambda", value)) < 1e-12)
            #expect((point.lower ?? 2) <= point.y && (point.upper ?? -1) >= point.y)
        }
        #expect(chart.series.dropFirst().map(\.name) == ["one", "two"])
        #expect(chart.references.map(\.name) == ["base", "experts"])
    }

    @Test func `bars over names have deviations where they are repeated`() throws {
        let results = try results(
            "  - {name: kinds, axes: {parameters.granularity: [task, tensor]}}",
            head: "seeds: [0, 1, 2]"
        )
        let summary = try #require(results.summaries.first)
        #expect(summary.sweep == nil && summary.isRepeated)
        #expect(summary.settings.map(\.repetitions) == [3, 3])
        let bars = summary.means
        #expect(bars.categories == ["task", "tensor"])
        for (index, value) in ["task", "tensor"].enumerated() {
            let rows = results.rows.filter { $0.settings["granularity"] == value }
            let means = (0..<3).map { seed -> Double in
                let own = rows.filter { $0.seed == seed }.compactMap(\.scores.accuracy)
                return own.reduce(0, +) / 2
            }
            let mean = means.reduce(0, +) / 3
            let squares = means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            let bar = bars.series[0].values[index]
            #expect(abs((bar.value ?? .nan) - mean) < 1e-12)
            #expect(abs((bar.upper ?? .nan) - mean - (squares / 2).squareRoot()) < 1e-9)
        }
        let table = summary.cells
        #expect(table.count == 2 && table.allSatisfy { $0.count == summary.columns.count })
        #expect(table[0][3].contains(" ± "))
    }

    @Test func `what a study is compared with scores the same inputs`() throws {
        let results = try results(
            """
              - {name: plain}
              - {name: inputs, axes: {tasks.*.evaluate: ["all[4:]", "all[6:]"]}}
            """
        )
        let (plain, inputs) = (results.summaries[0], results.summaries[1])
        let experts = results.rows.filter { $0.run == results.index.experts[0] }
        let accuracies = experts.compactMap(\.scores.accuracy)
        #expect(results.index.experts.count == 2 && accuracies.count == 2)
        #expect(plain.experts == accuracies.reduce(0, +) / 2)
        #expect(inputs.experts == nil && inputs.base == nil)
    }

    @Test func `changes are tested over the examples that both have answered`() throws {
        let results = try results(
            """
              - name: sweep
                set: {merge_method: task_arithmetic, parameters: {weight: 1}}
                axes: {parameters.lambda: [0, 1]}
            """
        )
        let summary = try #require(results.summaries.first)
        let change = try #require(summary.settings[1].change)
        #expect(summary.settings[0].change == nil && change.examples == 6 + 8)
        // Each example counts as much as any other.
        func right(_ value: String) -> Double {
            results.rows.filter { $0.settings["lambda"] == value }
                .reduce(0) { $0 + ($1.scores.accuracy ?? 0) * Double($1.scores.examples) }
        }
        #expect(abs(change.difference - (right("1") - right("0")) / 14) < 1e-12)
        #expect((0...1).contains(change.pValue))
    }

    @Test func `paired changes are McNemar's for one run and sign flips for several`() throws {
        let before = ["a": [[true, true, false, false, false, false]]]
        let after = ["a": [[true, true, true, true, true, true]]]
        let change = try #require(PairedChange(from: before, to: after))
        // Four differ, all in one direction: 2 · 2⁻⁴.
        #expect(abs(change.pValue - 0.125) < 1e-12)
        #expect(abs(change.difference - 4.0 / 6) < 1e-12)
        let repeated = try #require(
            PairedChange(
                from: ["a": [before["a"]![0], before["a"]![0]]],
                to: ["a": [after["a"]![0], after["a"]![0]]]
            )
        )
        #expect(abs(repeated.pValue - 0.125) < 0.02)
        #expect(PairedChange(from: before, to: ["a": [[true]]]) == nil)
    }

    @Test func `held-in and held-out tasks are apart`() throws {
        let results = try results("  - {name: left, leave_out: each}")
        let summary = try #require(results.summaries.first)
        #expect(summary.hasHeldOutTasks)
        let (first, second) = (summary.settings[0], summary.settings[1])
        #expect(first.heldOut == nil && first.heldIn == first.mean)
        let rows = results.rows.filter { $0.settings["left out"] == "expert-1" }
        #expect(second.heldOut?.mean == rows.first { !$0.heldIn }?.scores.accuracy)
        #expect(second.heldIn?.mean == rows.first { $0.heldIn }?.scores.accuracy)
    }

    @Test func `the page holds every table and figure, and loads nothing`() throws {
        let results = try results(
            """
              - name: sweep & more
                note: Why <this> matters.
                axes: {parameters.steps: [2, 4]}
              - {name: way, path: {to: {one: 1}, points: 3}}
            """
        )
        let page = results.page().html
        #expect(page.contains("sweep &amp; more") && page.contains("Why &lt;this&gt; matters."))
        #expect(page.split(separator: "<figure").count - 1 == results.figures.count)
        #expect(!page.contains("src=") && !page.contains("http-equiv=\"refresh\""))
        #expect(results.page(refresh: 10).html.contains("http-equiv=\"refresh\""))
        #expect(page.contains(results.rows[4].run))
        let output = folder["page.html"]
        try Report.write([folder["results"]], to: output)
        #expect(try String(contentsOf: output, encoding: .utf8) == page)
    }
}

@Suite struct `What is drawn of a run` {
    private let folder: WorkingFolder
    private let run: RunDirectory

    init() throws {
        folder = try WorkingFolder()
        run = RunDirectory(folder["run"])
        _ = try Learning.run(
            learningRecipe([
                "parameters.granularity=layer", "tasks.*.adapt=all[:4]", "tasks.*.evaluate=all[4:]",
            ]),
            in: folder["run"],
            workers: Workers(2)
        )
    }

    @Test func `shows what its files say`() throws {
        let results = try RunResults(run)
        #expect(
            results.figures.map(\.name) == [
                "run-scores", "run-entropy", "run-agreement", "run-coefficients",
                "run-trajectories",
            ]
        )
        let entropies = results.entropies
        #expect(entropies.series.map(\.name) == ["one", "two"])
        #expect(
            entropies.series[0].points.map(\.y) == results.history.compactMap { $0.entropy["one"] }
        )
        #expect(entropies.series[0].points.map(\.x) == results.history.map { Double($0.step) })
        let kept = try #require(results.kept)
        let map = results.coefficients(kept)
        #expect(map.rows == kept.groups.map(\.name) && map.columns == kept.models)
        #expect(map.values == kept.lambda.map { $0.map { Double($0) } })
        let trajectories = try #require(results.trajectories)
        #expect(trajectories.series.count == kept.groups.count * 2)
        let trajectory = try #require(results.trajectory)
        let first = trajectories.series[0].points.map { Float($0.y) }
        let stride = kept.groups.count * 2
        #expect(first == (0..<trajectory.shape[0]).map { trajectory.elements[$0 * stride] })
        let bars = results.scores
        #expect(bars.categories == ["one", "two"])
        let merged = try #require(bars.series.first { $0.name == "merged" })
        #expect(
            merged.values.map(\.value)
                == results.evaluation.filter { !$0.transductive }.map {
                    $0.scores["merged"]?.accuracy
                }
        )
    }

    @Test func `stands beside it as a page, and with others on one`() throws {
        let page = try String(contentsOf: run.report, encoding: .utf8)
        #expect(page.contains("<svg") && page.contains("merge_method: adamerging"))
        #expect(!page.contains("http-equiv=\"refresh\""))
        _ = try Learning.run(
            learningRecipe(["parameters.granularity=task"]),
            in: folder["other"],
            workers: Workers(2)
        )
        let output = folder["both.html"]
        let contents = try Report.write([folder["run"], folder["other"]], to: output)
        #expect(contents.runs == 2 && contents.experiments == 0)
        let both = try String(contentsOf: output, encoding: .utf8)
        #expect(both.contains("Comparison") && both.contains(">other<"))
    }

    @Test func `that is only begun is drawn as far as it is`() throws {
        let place = folder["begun"]
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        for name in ["recipe.yml", "history.jsonl"] {
            try FileManager.default.copyItem(
                at: folder["run"].appending(path: name),
                to: place.appending(path: name)
            )
        }
        let results = try RunResults(RunDirectory(place))
        #expect(results.figures.map(\.name) == ["begun-entropy", "begun-agreement"])
        #expect(results.page(refresh: 5).html.contains("It is still learning."))
        #expect(throws: ExperimentFileError.notResults(folder["none"].path)) {
            try RunResults(RunDirectory(folder["none"]))
        }
    }
}
