import Foundation
import Merging
import Presentation
import Tasks
import Tensors
import TestSupport
import Testing

@testable import Experiments

@Suite struct `An analysis` {
    private let folder: WorkingFolder
    private let workers = Workers(2)

    init() throws { folder = try WorkingFolder() }

    /// The table of a study that is an analysis.
    private func table(_ study: String) throws -> AnalysisTable {
        let experiment = try folder.experiment("  - {name: look, \(study)}")
        let results = try Ablation.run(experiment, in: folder["results"], workers: workers)
        return try #require(results.tables["look"])
    }

    /// What a merge with these coefficients scores, through the models that `merge` writes.
    private func scores(_ coefficients: [Double]) throws -> [TaskEvaluation] {
        let name = "merge-\(coefficients.map(\.description).joined(separator: "-"))"
        let models = zip(["expert-1", "expert-2"], coefficients).map {
            "{model: \(learningFixture)/\($0), parameters: {weight: \($1)}}"
        }
        let text = """
            {merge_method: task_arithmetic, base_model: \(learningFixture)/base, dtype: float32,
             models: [\(models.joined(separator: ", "))], tasks: [{name: one}, {name: two}]}
            """
        let recipe = try Recipe(RecipeDocument(text), methods: MethodSignature.all)
        try Merge.run(recipe, to: folder[name], workers: workers)
        let full = try folder.experiment("  - {name: a}")
        return try Scoreboard.evaluate(
            [folder[name].path],
            with: full.recipe(of: full.studies[0]),
            experts: false,
            workers: workers
        ).map { entry in
            var entry = entry
            entry.scores = ["merged": entry.scores[name]].compactMapValues(\.self)
            return entry
        }
    }

    @Test func `of a path scores what merges on it score`() throws {
        let table = try table(
            "path: {from: {two: 0.5}, to: {one: 1, two: -0.5}, values: [0, 0.5, 1.5]}"
        )
        let places: [[Double]] = [[0, 0.5], [0.5, 0], [1.5, -1]]
        let expected = try places.flatMap(scores).compactMap { $0.scores["merged"] }
        #expect(table.texts("task") == ["one", "two", "one", "two", "one", "two"])
        #expect(table.numbers("place") == [0, 0, 0.5, 0.5, 1.5, 1.5])
        #expect(table.numbers("accuracy") == expected.map { $0.accuracy ?? .nan })
        for (found, expected) in zip(table.numbers("loss"), expected) {
            #expect(abs(found - (expected.loss ?? .nan)) < 1e-5)
        }
    }

    @Test func `of a plane compares both vectors with each alone`() throws {
        let table = try table("plane: {experts: [one, two], values: [0, 1]}")
        #expect(table.columns.prefix(3) == ["one", "two", "error"])
        let errors = table.numbers("error")
        // Where the other coefficient is 0, a task's own vector is alone.
        #expect(table.numbers("error_one")[0] == 0 && table.numbers("error_one")[2] == 0)
        #expect(table.numbers("error_two")[0] == 0 && table.numbers("error_two")[1] == 0)
        #expect(errors[0] == 0)
        let parts = zip(table.numbers("error_one"), table.numbers("error_two")).map { $0 + $1 }
        #expect(errors == parts)
        let both = try scores([1, 1]).compactMap { $0.scores["merged"]?.accuracy }
        #expect([table.numbers("accuracy_one")[3], table.numbers("accuracy_two")[3]] == both)
        let map = WeightPlane.map(of: table, title: "plane")
        // Columns are the first coefficient, rows the second, which grows upwards.
        #expect(map.values == [[errors[1], errors[3]], [errors[0], errors[2]]])
    }

    @Test func `of conflicts gives the cosines that vector compare gives`() throws {
        let table = try table("conflict: {scale: 0.3, examples: 4}")
        #expect(
            table.texts("quantity") == [
                "cosine of task vectors", "sign conflict", "cosine of gradients",
            ]
        )
        let text = """
            {merge_method: task_arithmetic, base_model: \(learningFixture)/base,
             models: [{model: \(learningFixture)/expert-1}, {model: \(learningFixture)/expert-2}],
             tasks: [{name: one}, {name: two}]}
            """
        let setup = try MergeSetup(Recipe(RecipeDocument(text), methods: MethodSignature.all))
        let relations = try TaskVectorRelations(
            of: setup.pool,
            named: setup.pool.experts,
            workers: workers
        ) {}
        let pair = try #require(relations.overall.pairs.first)
        #expect(table.numbers("value")[0] == pair.cosine)
        #expect(table.numbers("value")[1] == pair.conflict)
        #expect((-1...1).contains(table.numbers("value")[2]))
        let maps = TaskConflicts.figures(of: table, study: "look")
        #expect(
            maps.map(\.name) == [
                "look-cosine-of-task-vectors", "look-sign-conflict", "look-cosine-of-gradients",
            ]
        )
        guard case .cells(let map) = maps[0].plot else {
            Issue.record("no heat map")
            return
        }
        #expect(map.values == [[nil, pair.cosine], [pair.cosine, nil]])
    }

    @Test func `of entropy and loss has a row for each example`() throws {
        let table = try table("entropy_loss: {scale: 0.3}")
        let scored = try scores([0.3, 0.3])
        for (group, entry) in zip(table.groups(by: "task"), scored) {
            let scores = try #require(entry.scores["merged"])
            #expect(group.name == entry.task && group.rows.rows.count == entry.examples)
            func mean(_ name: String) -> Double {
                let values = group.rows.numbers(name)
                return values.reduce(0, +) / Double(values.count)
            }
            #expect(abs(mean("entropy") - scores.entropy) < 1e-5)
            #expect(abs(mean("loss") - (scores.loss ?? .nan)) < 1e-5)
            #expect(abs(mean("right") - (scores.accuracy ?? .nan)) < 1e-9)
        }
        let plot = EntropyAgainstLoss.plot(of: table, title: "look")
        let rank = RankCorrelation.spearman(table.numbers("entropy"), table.numbers("loss"))
        #expect(plot.note.hasPrefix("Spearman's ρ of all examples: "))
        #expect(EntropyAgainstLoss.summary(of: table).count == (rank == nil ? 0 : 2))
        // Fewer examples than groups: a mark for each.
        #expect(plot.series.map(\.points.count) == scored.map(\.examples))
    }

    @Test func `names the expert or the task that is not there`() throws {
        for (study, name) in [
            ("path: {to: {three: 1}}", "three"), ("path: {to: {one: 1}, tasks: [four]}", "four"),
            ("plane: {experts: [one, five]}", "five"),
        ] {
            let error = try #require(throws: ExperimentFileError.self) { try table(study) }
            #expect("\(error)".contains(name), "\(error)")
        }
    }

    @Test func `keeps what is no number as that`() throws {
        var table = AnalysisTable(["task", "value"])
        table.add(["one", .number(.nan)])
        table.add(["two", 0.25])
        let data = try JSONEncoder().encode(table)
        #expect(String(decoding: data, as: UTF8.self).contains("[\"one\",null]"))
        let again = try JSONDecoder().decode(AnalysisTable.self, from: data)
        #expect(again.numbers("value")[0].isNaN && again.numbers("value")[1] == 0.25)
        #expect(again.texts("task") == ["one", "two"])
    }
}
