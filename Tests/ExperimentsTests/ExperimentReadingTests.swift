import Foundation
import Tasks
import Testing

@testable import Experiments

@Suite struct `An experiment's file` {
    private let folder: WorkingFolder

    init() throws { folder = try WorkingFolder() }

    private func problems(_ text: String) throws -> [String] {
        let file = try folder.write(text, to: "experiment.yml")
        do {
            _ = try Experiment(contentsOf: file)
            return []
        } catch {
            return String(describing: error).split(separator: "\n").map {
                String($0).replacing(folder.url.path + "/", with: "")
            }
        }
    }

    @Test func `names what is varied and what is measured`() throws {
        let experiment = try folder.experiment(
            """
              - name: sweep
                note: Coefficients.
                set: {parameters.steps: 2}
                seeds: [3, 4]
                axes:
                  parameters.initial: [0.1, 0.3]
                  kind: {plain: {}, held: {parameters.bounds: [0, 1]}}
              - name: way
                path: {to: {one: 1}}
            """,
            head: "question: What for?\nseeds: [1]\nmeasure: {splits: [\"all[:4]\", \"all[4:]\"]}"
        )
        #expect(experiment.title == "Two experts" && experiment.question == "What for?")
        #expect(experiment.splits.map(\.description) == ["all[:4]", "all[4:]"])
        #expect(experiment.studies.map(\.name) == ["sweep", "way"])
        #expect(experiment.studies.map(\.seeds) == [[3, 4], [1]])
        guard case .runs(let axes) = experiment.studies[0].content,
            case .analysis(let analysis) = experiment.studies[1].content
        else {
            Issue.record("the studies are not what they should be")
            return
        }
        #expect(axes.map(\.name) == ["initial", "kind"])
        #expect(axes.map { $0.points.map(\.label) } == [["0.1", "0.3"], ["plain", "held"]])
        #expect(analysis is WeightPath)
    }

    @Test func `may name a recipe's file beside it`() throws {
        try folder.write(
            """
            merge_method: linear
            models: [{model: \(learningFixture)/expert-1}]
            """,
            to: "recipes/mean.yml"
        )
        let file = try folder.write(
            "{recipe: recipes/mean.yml, studies: [{name: one}]}",
            to: "experiment.yml"
        )
        let experiment = try Experiment(contentsOf: file)
        #expect(experiment.title == folder.url.lastPathComponent)
        #expect(try experiment.recipe(of: experiment.studies[0]).mergeMethod == "linear")
    }

    @Test func `is refused with everything that is wrong, each with its place`() throws {
        let text = """
            titel: A
            recipe: none.yml
            seeds: [1, 1]
            studies:
              - name: a
                axes: {parameters.steps: []}
              - name: a
                path: {from: {one: 1}}
              - {name: b, plane: {experts: [one, one]}}
              - {name: c, zip: {parameters.steps: [1, 2], seed: [1]}}
              - {name: d, path: {to: {one: 1}}, leave_out: each}
              - {name: e, subsets: 2, experts: [0]}
            """
        let found = try problems(text)
        for sentence in [
            "experiment.yml:1:1: unknown key `titel` (did you mean `title`?)",
            "experiment.yml:2:9: `recipe`: none.yml was not found",
            "experiment.yml:3:8: `seeds` must be a list of different seeds",
            "experiment.yml:6:30: `studies.0.axes.\"parameters.steps\"` is empty",
            "the key `studies.1.path.to` is missing",
            "`studies.2.plane.experts` must be two different experts",
            "`studies.3.zip` must be keys with lists of one length, not of 2 and 1",
            "exactly one of `path` and `leave_out` must be given",
            "`studies.5.experts.0` must be a whole number of at least 1",
            "experiment.yml:7:5: two studies are called `a`",
        ] {
            #expect(found.contains { $0.contains(sentence) }, "\(sentence) in \(found)")
        }
    }

    @Test func `that breaks a recipe says which value did`() throws {
        let experiment = try folder.experiment(
            """
              - name: sweep
                axes: {parameters.batch_size: [2, none]}
            """
        )
        let error = try #require(throws: RecipeError.self) { try experiment.runs() }
        #expect("\(error)".contains("parameters.batch_size=none"), "\(error)")
    }

    @Test func `names experts and tasks that are there`() throws {
        #expect(
            throws: ExperimentFileError.unknownExpert("three", known: ["expert-1", "expert-2"])
        ) {
            try folder.experiment("  - {name: a, leave_out: [[three]]}").runs()
        }
        #expect(throws: ExperimentFileError.noExperts) {
            try folder.experiment("  - {name: a, leave_out: [[one, two]]}").runs()
        }
        #expect(throws: ExperimentFileError.tooManyExperts(3, of: 2)) {
            try folder.experiment("  - {name: a, experts: [3]}").runs()
        }
    }
}

@Suite struct `The runs of an experiment` {
    private let folder: WorkingFolder

    init() throws { folder = try WorkingFolder() }

    @Test func `are all combinations of the points of its axes, under every seed`() throws {
        let runs = try folder.experiment(
            """
              - name: both
                axes: {parameters.steps: [1, 2], parameters.initial: [0.1, 0.3]}
            """,
            head: "seeds: [5, 6]"
        ).runs()
        #expect(
            runs.map { $0.settings.map(\.value) + ["\($0.recipe.seed)"] } == [
                ["1", "0.1", "5"], ["1", "0.1", "6"], ["1", "0.3", "5"], ["1", "0.3", "6"],
                ["2", "0.1", "5"], ["2", "0.1", "6"], ["2", "0.3", "5"], ["2", "0.3", "6"],
            ]
        )
        #expect(runs.map { $0.recipe.learning?.steps } == [1, 1, 1, 1, 2, 2, 2, 2])
        #expect(runs[3].title(withSeed: true) == "both: steps 1, initial 0.3, seed 6")
    }

    @Test func `go in step along keys that are zipped`() throws {
        let runs = try folder.experiment(
            "  - {name: a, zip: {parameters.steps: [1, 2], parameters.learning_rate: [0.1, 0.2]}}"
        ).runs()
        #expect(runs.map { $0.settings.map(\.value) } == [["1, 0.1"], ["2, 0.2"]])
        #expect(runs.map { $0.recipe.learning?.steps } == [1, 2])
    }

    @Test func `leave experts out, and are still scored on all tasks`() throws {
        let runs = try folder.experiment("  - {name: a, leave_out: each}").runs()
        #expect(runs.map { $0.settings.map(\.value) } == [["none"], ["expert-1"], ["expert-2"]])
        #expect(runs.map(\.experts) == [[0, 1], [1], [0]])
        #expect(runs.map { $0.recipe.tasks.map(\.name) } == [["one", "two"], ["two"], ["one"]])
        #expect(runs.allSatisfy { $0.full.tasks.count == 2 })
    }

    @Test func `take different sets of so many experts`() throws {
        let selection = ExpertSelection.some(2, sets: 4)
        let names = ["a", "b", "c", "d"]
        let sets = try selection.sets(of: names, tasks: [:])
        #expect(sets.count == 4 && Set(sets).count == 4 && sets[0] == [0, 1])
        #expect(sets.allSatisfy { $0.count == 2 && $0 == $0.sorted() })
        #expect(try selection.sets(of: names, tasks: [:]) == sets)
        // As many as there are.
        #expect(try ExpertSelection.some(3, sets: 9).sets(of: names, tasks: [:]).count == 4)
        let runs = try folder.experiment("  - {name: a, experts: [1, 2], subsets: 2}").runs()
        #expect(runs.map(\.experts) == [[0], [1], [0, 1]])
        #expect(runs.map(\.set) == [0, 1, 0])
    }

    @Test func `may change every task at once, and data that are written as a path`() throws {
        let runs = try folder.experiment(
            """
              - name: damage
                axes: {tasks.*.data.corruption: [0, 0.5]}
            """
        ).runs()
        #expect(runs.map { $0.recipe.tasks.map { $0.data?.corruption } } == [[0, 0], [0.5, 0.5]])
        #expect(
            runs.allSatisfy {
                $0.recipe.tasks[0].data?.path.hasSuffix("task-1.safetensors") == true
            }
        )
        #expect(runs.map { $0.settings.map(\.axis) } == [["corruption"], ["corruption"]])
    }
}
