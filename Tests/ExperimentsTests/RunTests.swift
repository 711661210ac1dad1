import Checkpoints
import Experiments
import Foundation
import Merging
import Synchronization
import Tensors
import Tasks
import TestSupport
import Testing

/// A directory that is removed with the test.
final class ScratchDirectory: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory
            .appending(path: "merganser-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }
}

/// A recipe over the small learning fixture.
func learningRecipe(_ changes: [String] = []) throws -> Recipe {
    let root = Golden.repository.appending(path: "Tests/Fixtures/learn/bert").path
    let text = """
        merge_method: adamerging
        base_model: \(root)/base
        models:
          - model: \(root)/expert-1
          - model: \(root)/expert-2
        tasks:
          - {name: one, data: \(root)/task-1.safetensors}
          - {name: two, data: \(root)/task-2.safetensors}
        parameters:
          steps: 6
          batch_size: 3
          learning_rate: 0.01
          select_every: 2
        """
    return try Recipe(
        RecipeDocument(text, overrides: changes),
        methods: MethodSignature.all
    )
}

@Suite struct `A run` {
    private func lambda(of directory: URL) throws -> [Float] {
        try Checkpoint(at: directory.appending(path: "trajectory.safetensors"))
            .view("lambda").tensor().elements
    }

    /// Stops a run when it has advanced by a number of steps in total.
    private func runStopping(
        _ recipe: Recipe,
        in directory: URL,
        after steps: Int,
        workers: Int = 2
    ) throws {
        let count = Mutex(0)
        let isLearning = Mutex(false)
        let observer = Observer(
            begin: { title, _ in isLearning.withLock { $0 = title == "learning" } },
            advance: { units in
                if isLearning.withLock({ $0 }) { count.withLock { $0 += units } }
            },
            isCancelled: { count.withLock { $0 } >= steps }
        )
        _ = try Learning.run(
            recipe,
            in: directory,
            workers: Workers(workers),
            observer: observer
        )
    }

    @Test(arguments: ["entropy", "agreement", "cross_entropy"])
    func `that is stopped after any step ends with the same bits`(objective: String) throws {
        let recipe = try learningRecipe(["parameters.objective=\(objective)"])
        let whole = try ScratchDirectory()
        let result = try Learning.run(recipe, in: whole.url, workers: Workers(1))
        let expected = try lambda(of: whole.url)
        for stop in 1...5 {
            let scratch = try ScratchDirectory()
            #expect(throws: ExperimentError.self) {
                try runStopping(recipe, in: scratch.url, after: stop)
            }
            let resumed = try Learning.run(recipe, in: scratch.url, workers: Workers(2))
            #expect(try lambda(of: scratch.url) == expected)
            #expect(resumed.coefficients == result.coefficients)
            #expect(resumed.step == result.step)
            let history = try String(
                contentsOf: scratch.url.appending(path: "history.jsonl"),
                encoding: .utf8
            ).split(separator: "\n")
            #expect(history.count == 7)
        }
    }

    @Test func `stopped at every step in turn ends with the same bits`() throws {
        let recipe = try learningRecipe()
        let (whole, parts) = (try ScratchDirectory(), try ScratchDirectory())
        _ = try Learning.run(recipe, in: whole.url, workers: Workers(2))
        for stop in 1...6 {
            try? runStopping(recipe, in: parts.url, after: stop)
        }
        _ = try Learning.run(recipe, in: parts.url, workers: Workers(2))
        #expect(try lambda(of: whole.url) == lambda(of: parts.url))
    }

    @Test func `refuses another recipe and names the difference`() throws {
        let scratch = try ScratchDirectory()
        _ = try Learning.run(learningRecipe(), in: scratch.url, workers: Workers(1))
        let other = try learningRecipe(["parameters.learning_rate=0.02"])
        let error = try #require(throws: ExperimentError.self) {
            try Learning.run(other, in: scratch.url, workers: Workers(1))
        }
        #expect(error.description.contains("learning_rate"))
    }

    @Test func `has all the files of the contract`() throws {
        let scratch = try ScratchDirectory()
        _ = try Learning.run(learningRecipe(), in: scratch.url, workers: Workers(2))
        for name in [
            "recipe.yml", "coefficients.json", "history.jsonl", "trajectory.safetensors",
            "evaluation.json", "state.safetensors", "lock.json",
        ] {
            let path = scratch.url.appending(path: name).path
            #expect(FileManager.default.fileExists(atPath: path), "\(name)")
        }
        let json = try Data(contentsOf: scratch.url.appending(path: "evaluation.json"))
        let entries = try #require(
            JSONSerialization.jsonObject(with: json) as? [[String: Any]]
        )
        #expect(entries.count == 2)
        for entry in entries {
            // The fixture's tasks are single files: what is scored was adapted on.
            #expect(entry["transductive"] as? Bool == true)
            for model in ["base", "initial", "merged", "expert"] {
                let scores = try #require(entry[model] as? [String: Any])
                for key in ["accuracy", "interval", "entropy", "loss"] {
                    #expect(scores[key] != nil)
                }
            }
        }
    }

    @Test func `that has ended is read, not made again`() throws {
        let scratch = try ScratchDirectory()
        let recipe = try learningRecipe()
        let first = try Learning.run(recipe, in: scratch.url, workers: Workers(2))
        let titles = Mutex<[String]>([])
        let observer = Observer(begin: { title, _ in titles.withLock { $0.append(title) } })
        let again = try Learning.run(
            recipe,
            in: scratch.url,
            workers: Workers(2),
            observer: observer
        )
        #expect(titles.withLock { $0 } == ["hashing inputs"])
        #expect(again.coefficients == first.coefficients && again.step == first.step)
        #expect(again.evaluation.map(\.scores) == first.evaluation.map(\.scores))
        #expect(again.collapsed == first.collapsed)
    }

    @Test func `scores what is there, and names what is not`() throws {
        let root = Golden.repository.appending(path: "Tests/Fixtures/learn/bert").path
        let scores = try Scoreboard.evaluate(
            ["\(root)/base", "\(root)/expert-1"],
            with: learningRecipe(),
            experts: true,
            workers: Workers(2)
        )
        // An expert's own model answers its own task as the expert does.
        #expect(scores[0].scores["expert-1"] == scores[0].scores["expert"])
        #expect(scores[1].scores["expert-1"] != scores[1].scores["expert"])
        #expect(scores.allSatisfy { $0.scores["base"] != nil })
        #expect(throws: CheckpointError.self) {
            try Scoreboard.evaluate(["\(root)/none"], with: learningRecipe(), workers: Workers(1))
        }
    }

    /// Makes every prediction in a run's answers one of a class that does not exist.
    private func mark(_ file: URL) throws {
        let checkpoint = try Checkpoint(at: file)
        let tensors = try checkpoint.names.map {
            name -> (name: String, content: SafeTensors.Content) in
            let view = try checkpoint.view(name)
            guard view.dtype == .signed32 else { return (name, .floats(try view.tensor())) }
            let isMarked = name.hasSuffix("/prediction")
            let integers = try view.integers().map { isMarked ? -1 : $0 }
            return (name, .integers(integers, shape: view.shape, .signed32))
        }
        try SafeTensors.write(tensors, to: file)
    }

    @Test func `is not asked again for the scores that it holds`() throws {
        let root = Golden.repository.appending(path: "Tests/Fixtures/learn/bert").path
        let scratch = try ScratchDirectory()
        let recipe = try learningRecipe()
        _ = try Learning.run(recipe, in: scratch.url, workers: Workers(2))
        func evaluate(_ recipe: Recipe) throws -> [TaskEvaluation] {
            try Scoreboard.evaluate(
                [scratch.url.path, "\(root)/base", "\(root)/expert-1"],
                with: recipe,
                experts: true,
                workers: Workers(2)
            )
        }
        let honest = try evaluate(recipe)
        // A mark in the run's answers shows which of them are read from there: a class that is none.
        try mark(scratch.url.appending(path: "answers.safetensors"))
        let run = scratch.url.lastPathComponent
        for (marked, entry) in zip(try evaluate(recipe), honest) {
            for model in [run, "base", "expert"] {
                #expect(marked.scores[model]?.accuracy == 0)
                #expect(marked.scores[model]?.loss == entry.scores[model]?.loss)
            }
            #expect(marked.scores["expert-1"] == entry.scores["expert-1"])
        }
        // Other tasks, or inputs that are no longer the same, are asked about anew.
        let other = try learningRecipe(["tasks.one.evaluate=all[:2]"])
        #expect(try evaluate(other).allSatisfy { $0.scores[run]?.accuracy != 0 })
        let lock = scratch.url.appending(path: "lock.json")
        let text = try String(contentsOf: lock, encoding: .utf8)
        let hash = try #require(text.firstMatch(of: /"sha256" : "([0-9a-f]+)"/)?.1)
        try text.replacing(hash, with: String(repeating: "0", count: 64))
            .write(to: lock, atomically: true, encoding: .utf8)
        #expect(try evaluate(recipe).allSatisfy { $0.scores[run]?.accuracy != 0 })
    }

    @Test func `can start from an earlier run`() throws {
        let (first, second) = (try ScratchDirectory(), try ScratchDirectory())
        let coarse = try learningRecipe(["parameters.granularity=task", "parameters.keep=last"])
        let earlier = try Learning.run(coarse, in: first.url, workers: Workers(2))
        let fine = try learningRecipe(["parameters.initial=\(first.url.path)"])
        _ = try Learning.run(fine, in: second.url, workers: Workers(2))
        let groups = earlier.coefficients.regrouped(.tensor).groups.count
        let start = try lambda(of: second.url).prefix(groups * 2)
        let expected = Array(repeating: earlier.coefficients.lambda[0], count: groups)
        #expect(Array(start) == expected.flatMap(\.self))
    }
}
