import Checkpoints
import Foundation
import Synchronization
import Tensors
import TestSupport
import Testing

@testable import Experiments

/// Studies that are quick on the small fixture: runs of learning, of a rule, and an analysis.
private let studies = """
      - name: steps
        axes: {parameters.steps: [2, 4]}
      - name: again
        axes: {parameters.steps: [4]}
      - name: rule
        set: {merge_method: task_arithmetic, parameters: {}}
        axes: {parameters.weight: [0.2, 0.5]}
      - name: left out
        leave_out: each
      - name: way
        path: {to: {one: 1}, points: 3}
    """

extension ResultsDirectory {
    /// The rows as text, without what no two runs share: times and memory.
    fileprivate var comparableRows: [String] {
        get throws {
            try String(contentsOf: jsonLines, encoding: .utf8).split(separator: "\n").map {
                String($0).replacing(/"(seconds|memory_bytes)":[^,}]+,?/, with: "")
            }
        }
    }

    /// How often each run was begun.
    fileprivate var beginnings: [String: Int] {
        get throws {
            try String(contentsOf: journal, encoding: .utf8).split(separator: "\n")
                .filter { $0.contains("\"begun\"") }
                .compactMap { $0.firstMatch(of: /"run":"([0-9a-f]+)"/)?.1 }
                .reduce(into: [:]) { $0[String($1), default: 0] += 1 }
        }
    }
}

@Suite struct `An ablation` {
    private let folder: WorkingFolder

    init() throws { folder = try WorkingFolder() }

    private func ablate(
        _ name: String,
        studies text: String = studies,
        _ options: Ablation.Options = Ablation.Options(),
        observer: Observer = Observer()
    ) throws -> (results: ExperimentResults, place: ResultsDirectory) {
        let results = try Ablation.run(
            folder.experiment(text),
            in: folder[name],
            options,
            workers: Workers(2),
            observer: observer
        )
        return (results, results.directory)
    }

    @Test func `writes a row for each run, task and split, and everything made of them`() throws {
        let (results, place) = try ablate("results")
        #expect(results.missing == 0)
        let csv = try String(contentsOf: place.csv, encoding: .utf8).split(separator: "\n")
        let columns = try #require(csv.first).split(separator: ",").map(String.init)
        for name in [
            "study", "steps", "weight", "left out", "run", "method", "experts", "seed", "task",
            "split",
            "held_in", "transductive", "examples", "accuracy", "interval_low", "interval_high",
            "normalized_accuracy", "entropy", "loss", "calibration_error", "seconds",
            "memory_bytes", "recipe_sha256", "inputs_sha256", "coefficients_sha256",
        ] {
            #expect(columns.contains(name), "\(name)")
        }
        // Base and experts, then 2 + 1 + 2 + 3 runs, each on two tasks.
        #expect(csv.count == 1 + (2 + 8) * 2)
        let lines = try String(contentsOf: place.jsonLines, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == csv.count - 1)
        // One of the runs stands in two studies, with the same numbers.
        let ends = results.rows.filter { $0.settings["steps"] == "4" }
        #expect(Set(ends.map(\.run)).count == 1 && ends.count == 4)
        // Who is left out is scored, too.
        let left = results.rows.filter { $0.settings["left out"] == "expert-1" }
        #expect(left.map(\.heldIn) == [false, true])
        // The experts are what others are measured by.
        #expect(
            results.rows.filter { $0.method == "experts" }.compactMap(\.normalizedAccuracy)
                .allSatisfy { $0 == 1 }
        )
        #expect(results.tables["way"]?.rows.count == 6)
        for url in [place.markdown, place.latex, place.report] {
            #expect(try Data(contentsOf: url).count > 200, "\(url.lastPathComponent)")
        }
        let figures = try FileManager.default.contentsOfDirectory(atPath: place.figures.path)
        #expect(figures.contains("steps.svg") && figures.count == results.figures.count)
    }

    @Test func `scores what the evaluation of the run says`() throws {
        let (results, place) = try ablate("results", studies: "  - {name: all}")
        let run = try #require(results.rows.first { $0.study == "all" }?.run)
        let file = place.run(run).appending(path: "evaluation.json")
        let scores = try JSONDecoder().decode([TaskEvaluation].self, from: Data(contentsOf: file))
        for row in results.rows {
            let name = ["base": "base", "experts": "expert"][row.method] ?? "merged"
            let expected = scores.first { $0.task == row.task }?.scores[name]
            #expect(row.scores == expected, "\(row.task), \(name)")
        }
    }

    @Test func `does nothing twice, and what a changed file needs anew`() throws {
        let (first, place) = try ablate("results")
        #expect(try place.beginnings.values.allSatisfy { $0 == 1 })
        // Base, experts, 2 + 2 + 2 runs (two are the same as others), and a path.
        #expect(try place.beginnings.count == 9)
        let rows = try place.comparableRows
        _ = try ablate("results")
        #expect(try place.beginnings.values.allSatisfy { $0 == 1 })
        let more = studies.replacing("[2, 4]", with: "[2, 3, 4]")
        let (second, _) = try ablate("results", studies: more)
        #expect(second.rows.count == first.rows.count + 2)
        #expect(try place.beginnings.count == 10)
        #expect(Set(try place.comparableRows).isSuperset(of: rows))
    }

    @Test func `stopped again and again ends with the same rows`() throws {
        let (_, whole) = try ablate("whole")
        let place = ResultsDirectory(folder["parts"])
        var options = Ablation.Options()
        options.jobs = 1
        for stop in 1...12 {
            let count = Mutex(0)
            let observer = Observer(
                advance: { units in count.withLock { $0 += units } },
                isCancelled: { count.withLock { $0 } > stop }
            )
            _ = try? ablate("parts", options, observer: observer)
        }
        _ = try ablate("parts")
        #expect(try place.comparableRows == whole.comparableRows)
    }

    @Test func `is done in shards that together make all of it once`() throws {
        let (_, whole) = try ablate("whole")
        for index in 1...3 {
            var options = Ablation.Options()
            options.shard = (index, 3)
            let (results, _) = try ablate("parts", options)
            #expect((results.missing == 0) == (index == 3))
        }
        let place = ResultsDirectory(folder["parts"])
        #expect(try place.beginnings.values.allSatisfy { $0 == 1 })
        #expect(try place.comparableRows == whole.comparableRows)
    }

    @Test func `that others take part in makes no run twice`() async throws {
        let (_, whole) = try ablate("whole")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask { _ = try ablate("parts") }
            }
            try await group.waitForAll()
        }
        let place = ResultsDirectory(folder["parts"])
        #expect(try place.beginnings.values.allSatisfy { $0 == 1 })
        #expect(try place.comparableRows == whole.comparableRows)
    }

    @Test func `finds its runs again where it is moved with its inputs`() throws {
        let text = """
            recipe:
              merge_method: task_arithmetic
              base_model: base
              models: [{model: expert-1}, {model: expert-2}]
              tasks: [{name: one, data: task-1.safetensors, evaluate: all, adapt: all}]
            studies: [{name: a, axes: {parameters.weight: [0.2]}}]
            """
        func ablate(_ name: String) throws -> ExperimentResults {
            let file = folder[name].appending(path: "experiment.yml")
            return try Ablation.run(
                Experiment(contentsOf: file),
                in: folder[name].appending(path: "results"),
                workers: Workers(1)
            )
        }
        try FileManager.default.copyItem(at: URL(filePath: learningFixture), to: folder["here"])
        try folder.write(text, to: "here/experiment.yml")
        let before = try ablate("here")
        try FileManager.default.moveItem(at: folder["here"], to: folder["there"])
        let after = try ablate("there")
        #expect(before.rows.map(\.run) == after.rows.map(\.run))
        #expect(try after.directory.beginnings.values.allSatisfy { $0 == 1 })
    }

    @Test func `goes on where a run fails, and says which did`() throws {
        let text = """
              - name: first
                axes: {parameters.learning_rate: [1.0e+38, 0.01]}
            """
        let error = try #require(throws: ExperimentFileError.self) {
            try ablate("results", studies: text)
        }
        guard case .failedRuns(let sentences) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(sentences.count == 1 && sentences[0].hasPrefix("first: learning_rate"))
        let results = try ExperimentResults(in: ResultsDirectory(folder["results"]))
        #expect(results.missing == 1)
        #expect(results.rows.filter { $0.study == "first" }.map(\.task) == ["one", "two"])
    }

    @Test func `measures several splits where it is asked to`() throws {
        let results = try Ablation.run(
            folder.experiment(
                "  - {name: a}",
                head: "measure: {splits: [\"all[:4]\", \"all[4:]\"]}"
            ),
            in: folder["results"],
            workers: Workers(2)
        )
        let rows = results.rows.filter { $0.study == "a" }
        #expect(rows.map(\.split) == ["all[:4]", "all[:4]", "all[4:]", "all[4:]"])
        #expect(rows.map(\.transductive) == [true, true, false, false])
    }

    @Test func `knows damaged copies of adapted inputs in another file as adapted`() throws {
        for model in ["base", "expert-1"] {
            try FileManager.default.copyItem(
                at: URL(filePath: learningFixture).appending(path: model),
                to: folder[model]
            )
            try folder.write(tinyTokenizer, to: "\(model)/tokenizer.json")
        }
        func lines(_ texts: [String]) -> String {
            texts.map { #"{"text": "\#($0)", "label": 1}"# + "\n" }.joined()
        }
        let adapted = ["one two three four", "two twos ones", "four three two one"]
        try folder.write(lines(adapted), to: "data/train.jsonl")
        let others = ["threes fours one", "one one two"]
        try folder.write(lines(adapted + others), to: "data/test.jsonl")
        let text = """
            title: Damage
            recipe:
              merge_method: adamerging
              base_model: base
              models: [{model: expert-1}]
              tasks: [{name: one, data: {path: data, corruption: 0.6}, adapt: train}]
              parameters: {steps: 1, batch_size: 2}
            measure: {splits: ["test[:3]", "test[3:]"]}
            studies: [{name: a}]
            """
        let file = try folder.write(text, to: "experiment.yml")
        let results = try Ablation.run(
            Experiment(contentsOf: file),
            in: folder["results"],
            workers: Workers(2)
        )
        let rows = results.rows.filter { $0.study == "a" }
        #expect(rows.map(\.split) == ["test[:3]", "test[3:]"])
        #expect(rows.map(\.transductive) == [true, false])
    }

    @Test func `refuses a directory that holds no results`() throws {
        let place = folder["nothing"]
        #expect(throws: ExperimentFileError.notResults(place.path)) {
            try ExperimentResults(in: ResultsDirectory(place))
        }
    }
}

@Suite struct `Results as files` {
    @Test func `quote what separates cells, and keep numbers numbers`() throws {
        let folder = try WorkingFolder()
        let text = """
              - name: "a, \\"b\\""
                set: {merge_method: task_arithmetic, parameters: {}}
                axes: {kind: {"x, y": {parameters.weight: 0.2}}}
            """
        let results = try Ablation.run(
            folder.experiment(text),
            in: folder["results"],
            workers: Workers(1)
        )
        let csv = try String(contentsOf: results.directory.csv, encoding: .utf8)
        #expect(csv.contains("\n\"a, \"\"b\"\"\",\"x, y\","))
        let lines = try String(contentsOf: results.directory.jsonLines, encoding: .utf8)
            .split(separator: "\n")
        let last = try #require(lines.last)
        let row = try #require(
            JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any]
        )
        #expect(row["study"] as? String == "a, \"b\"" && row["kind"] as? String == "x, y")
        #expect(row["held_in"] as? Bool == true && row["seed"] as? Int == 0)
        #expect(row["accuracy"] is Double)
        #expect(row["step"] == nil)
    }
}
