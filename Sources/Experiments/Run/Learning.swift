internal import Autograd
internal import Checkpoints
public import Foundation
public import Merging
internal import Tasks
public import Tensors

/// What a finished run found.
public struct LearningResult: Sendable {
    /// The coefficients that the run kept.
    public let coefficients: Coefficients
    /// The step that they are from.
    public let step: Int
    /// The scores of every task.
    public let evaluation: [TaskEvaluation]
    /// The tasks that had collapsed at the step that was kept.
    public let collapsed: [String]
}

/// `merganser learn`: learns coefficients into a run directory, or continues there.
public enum Learning {
    /// How often the state is saved, so that little is lost however a run ends.
    private static let saveInterval: Duration = .seconds(2)

    /// Runs a recipe to its end.
    ///
    /// A second call with the same recipe and directory continues where the first one stopped, and
    /// ends with the same bits as if it had not.
    ///
    /// `lock.json` says that the run was made by `command`. Runs of one process may share work.
    public static func run(
        _ recipe: Recipe,
        in directory: URL,
        workers: Workers,
        command: [String] = [],
        shared: SharedWork = SharedWork(),
        observer: Observer = Observer()
    ) throws -> LearningResult {
        guard let parameters = recipe.learning else {
            throw ExperimentError.notLearned(method: recipe.mergeMethod)
        }
        try recipe.checkVocabularyKeys()
        let run = RunDirectory(directory)
        var setup = try MergeSetup(recipe)
        let tasks = try recipe.tasks.map { try OpenTask($0, in: setup, workers, shared: shared) }
        guard !tasks.isEmpty else { throw ExperimentError.noData(task: nil) }
        try claim(run, for: recipe.resolvingSplits(of: tasks))
        try lock(run, setup, tasks, command: command, workers: workers, observer: observer)
        if let start = recipe.start {
            if !run.has(run.start) {
                try Merge.run(
                    start,
                    to: run.start,
                    statistics: shared.statistics,
                    workers: workers,
                    observer: observer
                )
            }
            setup = try MergeSetup(recipe, of: run)
        }

        let page = LivePage(run.report) { try RunResults(run).page(refresh: $0) }
        let initial = try Self.initial(parameters, setup, run, shared, workers, observer)
        if run.has(run.evaluation), run.has(run.coefficients),
            let state = try RunState.load(from: run, shape: initial.tensor.shape)
        {
            let scores = try RunJSON.decode([TaskEvaluation].self, from: run.evaluation)
            if !run.has(run.report) { try page.finish() }
            return result(state, initial, parameters, scores)
        }
        let vectors = try setup.vectors(workers)
        observer.begin("reading \(tasks.count) tasks", 0)
        let data = try tasks.map {
            try LearningData($0, parameters, recipe.seed, workers, observer)
        }
        let check = try selection(tasks, data, setup, workers, observer)
        let objective = try objective(tasks, data, recipe, setup, workers, observer)

        var state =
            try RunState.load(from: run, shape: initial.tensor.shape)
            ?? RunState(
                learner: .init(lambda: initial.tensor),
                best: nil,
                trajectory: [],
                history: []
            )
        var learner = CoefficientLearner(
            vectors,
            from: initial,
            state: state.learner,
            options: CoefficientLearner.Options(parameters),
            workers: workers
        )
        let watch = check.watch
        var warned: Set<String> = []
        var lastSave = ContinuousClock.now
        observer.begin("learning", parameters.steps + 1)
        observer.advance(state.history.count)
        if state.trajectory.isEmpty { state.trajectory = [learner.coefficients.tensor] }
        while true {
            let start = ContinuousClock.now
            let step = learner.state.step
            let measurement = try learner.measure(objective)
            var entry = HistoryEntry(measurement, tasks: objective.tasks)
            let isRegular = step % parameters.selectEvery == 0 || step == parameters.steps
            if isRegular || watch.isAlarmed(by: state.history.suffix(4) + [entry]) {
                let found = try check.measure(
                    MergedParameters(vectors, coefficients: learner.coefficients.byParameter)
                )
                entry.selection = found
                if found.criterion < state.best?.criterion ?? .infinity {
                    state.best = .init(
                        step: step,
                        criterion: found.criterion,
                        lambda: learner.coefficients.tensor
                    )
                }
                let first = state.history.first?.selection
                warn(of: found, since: first, step, &warned, observer)
            }
            if step < parameters.steps { try learner.update(along: measurement) }
            entry.seconds = (ContinuousClock.now - start) / .seconds(1)
            state.history.append(entry)
            observer.advance(1)
            state.learner = learner.state
            guard step < parameters.steps else { break }
            state.trajectory.append(learner.coefficients.tensor)
            let isCancelled = observer.isCancelled()
            if isCancelled || ContinuousClock.now - lastSave > saveInterval {
                try state.save(to: run)
                lastSave = .now
                page.refresh()
            }
            if isCancelled {
                throw ExperimentError.interrupted(
                    step: learner.state.step,
                    directory: run.url.path
                )
            }
        }
        try state.save(to: run)
        page.refresh()
        let result = try finish(
            run,
            state,
            initial,
            parameters,
            tasks,
            data,
            setup,
            workers,
            observer
        )
        try page.finish()
        return result
    }

    // MARK: The work

    private static func selection(
        _ tasks: [OpenTask],
        _ data: [LearningData],
        _ setup: MergeSetup,
        _ workers: Workers,
        _ observer: Observer
    ) throws -> SelectionCheck {
        observer.begin(
            "asking the experts about the select splits",
            data.reduce(0) { $0 + $1.select.count }
        )
        let parts = try zip(tasks, data).map { task, data in
            SelectionCheck.Task(
                task,
                examples: data.select,
                expertLogits: try task.shared.value(
                    "expert on \(data.selectIdentity) of \(task.identity)"
                ) {
                    try Predictions.logits(
                        of: setup.expertModel(of: task, workers),
                        on: data.select,
                        workers: workers,
                        progress: observer.advance
                    )
                }
            )
        }
        return SelectionCheck(tasks: parts, workers: workers)
    }

    private static func objective(
        _ tasks: [OpenTask],
        _ data: [LearningData],
        _ recipe: Recipe,
        _ setup: MergeSetup,
        _ workers: Workers,
        _ observer: Observer
    ) throws -> PredictionObjective {
        let parameters = recipe.learning ?? LearningParameters()
        return try PredictionObjective(
            parameters.objective,
            tasks: zip(tasks, data).map { task, data in
                LearningTask(
                    name: task.name,
                    weight: task.weight,
                    expert: task.expert,
                    examples: data.adapt,
                    labels: data.labels
                )
            },
            batchSize: parameters.batchSize,
            steps: parameters.steps,
            seed: recipe.seed
        ) { index, positions, readings in
            let task = tasks[index]
            observer.begin("asking the expert of \(task.name)", positions.count)
            return try Predictions.rows(
                of: setup.expertModel(of: task, workers),
                readings,
                on: data[index].adapt,
                positions: positions,
                workers: workers,
                progress: observer.advance
            )
        }
    }

    private static func warn(
        of found: HistoryEntry.Selection,
        since first: HistoryEntry.Selection?,
        _ step: Int,
        _ warned: inout Set<String>,
        _ observer: Observer
    ) {
        for (name, task) in found.tasks.sorted(by: { $0.key < $1.key }) {
            let before = first?.tasks[name]
            guard task.hasCollapsed || task.hasDrifted(since: before),
                warned.insert(name).inserted
            else { continue }
            func number(_ value: Double) -> String {
                value.formatted(.number.precision(.fractionLength(2)))
            }
            let finding =
                task.hasCollapsed
                ? "its predictions crowd onto few classes (marginal entropy "
                    + "\(number(task.marginalEntropy)) against the expert's "
                    + "\(number(task.expertMarginalEntropy)))"
                : "it agrees with its expert on \(number(100 * task.agreement)) % of the select "
                    + "split, where it began with \(number(100 * (before?.agreement ?? 0))) %"
            observer.warn(
                "Task \(name) collapses at step \(step): \(finding); try objective: agreement, or "
                    + "a smaller learning_rate."
            )
        }
    }

    // MARK: The end

    private static func finish(
        _ run: RunDirectory,
        _ state: RunState,
        _ initial: Coefficients,
        _ parameters: LearningParameters,
        _ tasks: [OpenTask],
        _ data: [LearningData],
        _ setup: MergeSetup,
        _ workers: Workers,
        _ observer: Observer
    ) throws -> LearningResult {
        let (kept, _) = kept(state, initial, parameters)
        try AtomicFile.write(RunJSON.encode(kept), to: run.coefficients)
        let answers: [TaskAnswers]
        do {
            answers = try Evaluation.ofRun(
                tasks,
                adapted: data.map(\.adapted),
                initial: initial,
                merged: kept,
                setup: setup,
                workers: workers,
                observer: observer
            )
        } catch is CancellationError {
            throw ExperimentError.stopped(directory: run.url.path)
        }
        try AnswersFile.write(answers, to: run.answers)
        let evaluation = answers.flatMap(\.evaluations)
        try AtomicFile.write(RunJSON.encode(evaluation), to: run.evaluation)
        return result(state, initial, parameters, evaluation)
    }

    /// The coefficients that a run keeps, and the step that they are from.
    private static func kept(
        _ state: RunState,
        _ initial: Coefficients,
        _ parameters: LearningParameters
    ) -> (coefficients: Coefficients, step: Int) {
        if parameters.keep == .best, let best = state.best {
            return (initial.replaced(by: best.lambda), best.step)
        }
        let last = state.trajectory[state.trajectory.count - 1]
        return (initial.replaced(by: last), parameters.steps)
    }

    private static func result(
        _ state: RunState,
        _ initial: Coefficients,
        _ parameters: LearningParameters,
        _ evaluation: [TaskEvaluation]
    ) -> LearningResult {
        let (coefficients, step) = kept(state, initial, parameters)
        let last = state.history.last { $0.step <= step && $0.selection != nil }?.selection
        return LearningResult(
            coefficients: coefficients,
            step: step,
            evaluation: evaluation,
            collapsed: (last?.tasks ?? [:]).filter { $0.value.hasCollapsed }.keys.sorted()
        )
    }
}
