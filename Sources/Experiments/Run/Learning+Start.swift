internal import Checkpoints
internal import Foundation
internal import Merging
internal import Tasks
internal import Tensors

// What a run needs before its first step: a directory that is its own, inputs that are known, coefficients.

extension Learning {
    static func claim(_ run: RunDirectory, for recipe: Recipe) throws {
        try FileManager.default.createDirectory(at: run.url, withIntermediateDirectories: true)
        guard run.has(run.recipe) else {
            return try AtomicFile.write(recipe.resolvedYAML(), to: run.recipe)
        }
        let earlier = try Recipe(contentsOf: run.recipe, methods: MethodSignature.all)
        let differences = recipe.differences(from: earlier)
        guard differences.isEmpty else {
            throw ExperimentError.otherRecipe(
                directory: run.url.path,
                differences: differences.map(\.description)
            )
        }
    }

    static func lock(
        _ run: RunDirectory,
        _ setup: MergeSetup,
        _ tasks: [OpenTask],
        command: [String],
        workers: Workers,
        observer: Observer
    ) throws {
        let lock = RunLock(
            inputs: try RunLock.inputs(
                of: setup,
                tasks,
                workers,
                observer,
                shared: tasks.first?.shared ?? SharedWork()
            ),
            command: command,
            workers: workers
        )
        guard run.has(run.lock) else {
            return try AtomicFile.write(RunJSON.encode(lock), to: run.lock)
        }
        let earlier = try RunJSON.decode(RunLock.self, from: run.lock)
        for input in earlier.changes(in: lock.inputs) {
            throw ExperimentError.changedInput(file: input.path, directory: run.url.path)
        }
    }

    static func initial(
        _ parameters: LearningParameters,
        _ setup: MergeSetup,
        _ run: RunDirectory,
        _ shared: SharedWork,
        _ workers: Workers,
        _ observer: Observer
    ) throws -> Coefficients {
        let granularity = parameters.granularity
        let names = setup.pool.parameters.map(\.name)
        switch parameters.initial {
        case .value(let value):
            return Coefficients(
                granularity,
                models: setup.pool.experts,
                parameters: names,
                initial: Float(value)
            )
        case .gram:
            let sources = StatisticsSources(
                recipe: setup.recipe,
                directory: shared.statistics ?? run.statistics,
                isShared: shared.statistics != nil,
                workers: workers,
                observer: observer
            )
            let statistics = try sources.statistics(
                .gram,
                of: SourceModels(setup.recipe, for: MergeMethod.adaMerging.card),
                for: MergeMethod.adaMerging.card
            )
            return try GramCoefficients.of(
                setup.vectors(workers),
                statistics,
                granularity,
                workers: workers
            )
        case .run(let path):
            let earlier = try RunJSON.decode(
                Coefficients.self,
                from: RunDirectory(URL(filePath: path)).coefficients
            )
            guard earlier.models == setup.pool.experts else {
                throw ExperimentError.unfitInitial(
                    path,
                    reason: "it merges \(earlier.models.joined(separator: ", ")), this run "
                        + setup.pool.experts.joined(separator: ", ")
                )
            }
            guard Set(earlier.groups.flatMap(\.parameters)) == Set(names) else {
                throw ExperimentError.unfitInitial(
                    path,
                    reason: "it merges other parameters"
                )
            }
            return earlier.regrouped(granularity)
        }
    }
}
