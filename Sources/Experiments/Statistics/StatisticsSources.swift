internal import Checkpoints
internal import Foundation
internal import Merging
internal import Tasks
internal import Tensors

/// The statistics of every model of a merge: those that the recipe names, and those that are
/// collected from its tasks' data.
struct StatisticsSources: Sendable {
    let recipe: Recipe
    /// Where what is collected is kept, in files that may be published and used again.
    let directory: URL
    /// Whether the directory serves other recipes, too, so that names of models do not tell all.
    var isShared = false
    let workers: Workers
    let observer: Observer

    /// The statistics of a merge's models, in their order.
    ///
    /// What was collected before is taken if it is of the same model and data.
    func statistics(
        _ kind: StatisticsFile.Kind,
        of models: SourceModels,
        for method: MethodCard
    ) throws -> [ModelStatistics] {
        if let inputs = recipe.text("calibration"), !inputs.isEmpty {
            return try models.experts.map { _ in
                try ModelStatistics(inputs: URL(filePath: inputs), for: models.pool.parameters)
            }
        }
        let names = ShortNames.of(models.experts.map(\.reference.name))
        let labels = recipe.fisherLabels
        return try zip(models.experts, names).enumerated().map { index, pair in
            let (expert, name) = pair
            let model = recipe.modules.first?.models ?? recipe.models
            let known = model.first { $0.reference == expert.reference }?.statistics
            let file: StatisticsFile
            if let known {
                file = try StatisticsFile(contentsOf: URL(filePath: known))
                try check(file, of: expert, in: models)
            } else {
                let task = recipe.tasks.first { $0.model == expert.reference && $0.data != nil }
                guard let task else {
                    throw StatisticsError.missing(
                        model: expert.reference.description,
                        method: method.name,
                        kind: kind.title
                    )
                }
                let title = isShared ? try "\(name)-\(hash(of: task))" : name
                let place = directory.appending(path: "\(title).\(kind.rawValue).safetensors")
                file =
                    kind == .mask
                    ? try masks(of: task, models.pool.only(index), for: method, in: place)
                    : try collected(kind, task, labels, in: place)
            }
            guard file.kind == kind else {
                throw StatisticsError.kind(
                    file: file.url.path,
                    expected: kind.title,
                    found: file.kind.title
                )
            }
            return ModelStatistics(file, for: models.pool.parameters)
        }
    }

    /// The beginning of the SHA-256 of all that a recipe says of a task.
    private func hash(of task: RecipeTask) throws -> String {
        let text = try task.document.yaml() + (recipe.text("kind") ?? "")
        return String(SHA256Hash.of(Data(text.utf8)).prefix(12))
    }

    private func collected(
        _ kind: StatisticsFile.Kind,
        _ task: RecipeTask,
        _ labels: FisherLabels,
        in place: URL
    ) throws -> StatisticsFile {
        var options = StatisticsCollection.Options()
        options.labels = labels
        if let known = try? StatisticsFile(contentsOf: place), known.kind == kind {
            let source = try StatisticsTask(kind, of: task, in: recipe, workers)
            let found = known.provenance.labels
            let expected = try source.provenance(
                kind,
                labels.accepts(found) ? found : labels,
                examples: known.provenance.examples
            )
            if known.provenance == expected { return known }
        }
        _ = try StatisticsCollection.run(kind, task, recipe, to: place, options, workers, observer)
        return try StatisticsFile(contentsOf: place)
    }

    /// The masks of an expert, the only one of its pool.
    private func masks(
        of task: RecipeTask,
        _ pool: ModelPool,
        for method: MethodCard,
        in place: URL
    ) throws -> StatisticsFile {
        let source = try StatisticsTask(.mask, of: task, in: recipe, workers)
        let settings = MaskRun.Settings(recipe, of: method)
        // A task vector begins at the base, too.
        let base = try recipe.baseModel.map { try ModelDirectory(opening: $0).checkpoint().files }
        let origin = try settings.text + ContentHash.of(base ?? [])
        if let known = try? StatisticsFile(contentsOf: place), known.kind == .mask {
            let examples = known.provenance.examples
            let expected = try source.provenance(.mask, nil, examples: examples, origin)
            if known.provenance == expected { return known }
        }
        let split = try source.task.read(
            source.task.adapt,
            labels: .required,
            workers: workers,
            observer: observer
        )
        try FileManager.default.createDirectory(
            at: place.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        let provenance = try source.provenance(.mask, nil, examples: split.encoded.count, origin)
        _ = try MaskRun(
            source: source,
            split: split,
            pool: pool,
            settings: settings,
            workers: workers,
            observer: observer
        ).write(provenance, to: place)
        return try StatisticsFile(contentsOf: place)
    }

    /// Throws if a file was collected from another model.
    private func check(
        _ file: StatisticsFile,
        of expert: SourceModel,
        in models: SourceModels
    ) throws {
        // A task vector stands for its expert, which need not be at hand.
        let found =
            try expert.vector?.provenance.expert
            ?? ContentHash.of(
                ContentHash.weights(
                    adapter: expert.adapter,
                    over: (expert.checkpoint ?? models.template.checkpoint)?.files ?? []
                )
            )
        guard file.provenance.model == found else {
            throw StatisticsError.otherModel(
                file: file.url.path,
                model: expert.reference.description,
                expected: found,
                found: file.provenance.model
            )
        }
    }
}

extension Recipe {
    /// An option of the merge: as the recipe says, else as the method's card does.
    func option(_ name: String, of card: MethodCard) -> OptionValue? {
        scopes().value(of: name, tensor: "", at: 0).map(OptionValue.init)
            ?? card.options.first { $0.name == name }?.fallback
    }

    /// The labels that Fisher information is to be taken for.
    var fisherLabels: FisherLabels { FisherLabels(text("kind") ?? "auto") ?? .automatic }

    /// A text among the options of the merge.
    func text(_ option: String) -> String? {
        scopes().value(of: option, tensor: "", at: 0).flatMap {
            if case .text(let text) = $0 { text } else { nil }
        }
    }
}
