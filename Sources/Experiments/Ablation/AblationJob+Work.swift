internal import Checkpoints
internal import Foundation
internal import Merging
internal import Tasks
internal import Tensors

/// Where and with what jobs are done.
struct AblationWork: Sendable {
    let results: ResultsDirectory
    /// The splits that are scored; empty for each task's own.
    let splits: [SplitReference]
    let shared: SharedWork
    let command: [String]
    /// Whether the models of merges by rule stay in the directories of their runs.
    let keepsModels: Bool
}

extension AblationJob {
    /// Does it, or what is left of it.
    func run(_ work: AblationWork, _ workers: Workers, _ observer: Observer) throws {
        switch content {
        case .run(let run): try merge(run, work, workers, observer)
        case .reference(let reference, let recipe):
            let setup = try MergeSetup(recipe)
            let start = ContinuousClock.now
            let answers = try answers(
                of: reference == .base
                    ? .base(of: setup, workers) : .experts(of: setup, workers),
                setup,
                adapted: [:],
                work,
                workers,
                observer
            )
            try write(
                RunRecord(
                    hash: identity.hash,
                    inputs: identity.inputs,
                    evaluation: evaluation.hash,
                    method: reference.rawValue,
                    experts: setup.pool.experts,
                    seed: recipe.seed,
                    seconds: (ContinuousClock.now - start) / .seconds(1),
                    memory: PeakMemory.now,
                    scored: []
                ),
                answers,
                heldIn: Set(setup.recipe.tasks.map(\.name)),
                work
            )
        case .analysis(let analysis, let recipe):
            let place = work.results.run(identity.name)
            let context = try AnalysisContext(recipe, in: place, work.shared, workers, observer)
            let table = try analysis.table(in: context)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            try AtomicFile.write(RunJSON.encode(table), to: work.results.table(identity.name))
            context.forgetParts()
        }
    }

    // MARK: Merging

    private func merge(
        _ run: PlannedRun,
        _ work: AblationWork,
        _ workers: Workers,
        _ observer: Observer
    ) throws {
        let place = work.results.run(identity.name)
        let directory = RunDirectory(place)
        PeakMemory.reset()
        let start = ContinuousClock.now
        var record = RunRecord(
            hash: identity.hash,
            inputs: identity.inputs,
            evaluation: evaluation.hash,
            method: run.recipe.mergeMethod,
            experts: run.recipe.expertNames,
            seed: run.recipe.seed,
            seconds: 0,
            memory: 0,
            scored: []
        )
        let model: URL
        if run.recipe.learning != nil {
            let result = try Learning.run(
                run.recipe,
                in: place,
                workers: workers,
                command: work.command,
                shared: work.shared,
                observer: observer
            )
            record.step = result.step
            record.coefficients = try SHA256Hash.ofFile(directory.coefficients)
            // Also where it was stopped and went on: the time of its steps.
            record.seconds = try HistoryEntry.all(of: directory).reduce(0) { $0 + $1.seconds }
            model = place
        } else {
            model = place.appending(path: "model")
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            try AtomicFile.write(run.recipe.resolvedYAML(), to: directory.recipe)
            try Merge.run(
                run.recipe,
                to: model,
                OutputOptions(replacing: .ifHolding("config.json"), copiesTokenizer: false),
                statistics: work.shared.statistics,
                workers: workers,
                command: work.command,
                observer: observer
            )
            record.seconds = (ContinuousClock.now - start) / .seconds(1)
        }
        record.memory = PeakMemory.now
        let scoring = try MergeSetup(run.full)
        let answers = try answers(
            of: Scoreboard.candidate(model.path, named: "merged", scoring),
            scoring,
            adapted: try adapted(by: run, work, workers),
            work,
            workers,
            observer
        )
        try write(record, answers, heldIn: Set(run.recipe.tasks.map(\.name)), work)
        if run.recipe.learning == nil, !work.keepsModels {
            try? FileManager.default.removeItem(at: model)
        }
    }

    /// The inputs of every task that the merge has seen.
    private func adapted(
        by run: PlannedRun,
        _ work: AblationWork,
        _ workers: Workers
    ) throws -> [String: UnlabeledExamples] {
        let needsData = MethodSignature.all[run.recipe.mergeMethod]?.needsTasks ?? false
        guard needsData else { return [:] }
        let setup = try MergeSetup(run.recipe)
        return try run.recipe.tasks.reduce(into: [:]) { inputs, task in
            let open = try OpenTask(task, in: setup, workers, shared: work.shared)
            guard let limit = run.recipe.learning?.adaptExamples else {
                inputs[task.name] = try open.unlabeled(open.adapt)
                return
            }
            // Learning chooses among what is left where broken inputs are left out.
            let all = try open.read(open.adapt, labels: .unread, workers: workers).inputs
            inputs[task.name] =
                LearningData.adapted(all, of: open, atMost: limit, run.recipe.seed)
        }
    }

    // MARK: Scoring

    private func answers(
        of candidate: Evaluation.Candidate,
        _ setup: MergeSetup,
        adapted: [String: UnlabeledExamples],
        _ work: AblationWork,
        _ workers: Workers,
        _ observer: Observer
    ) throws -> [TaskAnswers] {
        let tasks = try setup.recipe.tasks.map {
            try OpenTask($0, in: setup, workers, shared: work.shared)
        }
        let places = work.splits.isEmpty ? [nil] : work.splits.map(Optional.some)
        var candidate = candidate
        let name = candidate.name
        return try places.flatMap { split in
            let asked = tasks.map { task in
                var task = task
                if let split { task.evaluate = split }
                return task
            }
            candidate = candidate.recorded(in: RunDirectory(work.results.run(identity.name)))
            let found = try Evaluation.run(
                asked,
                candidates: [candidate],
                adapted: asked.map { adapted[$0.name] },
                workers: workers,
                observer: observer
            )
            return found.map { entry in
                var entry = entry
                entry.models = ["merged": entry.models[name]].compactMapValues(\.self)
                return entry
            }
        }
    }

    private func write(
        _ record: RunRecord,
        _ answers: [TaskAnswers],
        heldIn: Set<String>,
        _ work: AblationWork
    ) throws {
        var record = record
        record.scored = answers.map { entry in
            RunRecord.Scored(
                task: entry.task,
                split: entry.split,
                examples: entry.adapted.count,
                isHeldIn: heldIn.contains(entry.task)
            )
        }
        let place = work.results.run(identity.name)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        try AnswersFile.write(answers, to: work.results.answers(identity.name))
        try AtomicFile.write(RunJSON.encode(record), to: work.results.record(identity.name))
    }
}

extension Evaluation.Candidate {
    /// The same model, whose answers are taken from a run where it has given them.
    fileprivate func recorded(in run: RunDirectory) -> Self {
        guard run.has(run.answers), let file = try? Checkpoint(at: run.answers) else { return self }
        var copy = self
        copy.known = { [name] task, examples in
            try AnswersFile.read(
                name,
                task: task.name,
                split: task.evaluate.description,
                examples: examples,
                from: file
            )
        }
        return copy
    }
}
