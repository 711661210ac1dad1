internal import Checkpoints
internal import Foundation
internal import Merging
internal import Tensors

/// The statistics of every model of a merge: those that the recipe names, and those that are
/// collected from its tasks' data.
struct StatisticsSources: Sendable {
    let recipe: Recipe
    /// Where what is collected is kept, in files that may be published and used again.
    let directory: URL
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
        let labels = FisherLabels(recipe.text("kind") ?? "auto") ?? .automatic
        return try zip(models.experts, names).map { expert, name in
            let model = models.module?.models ?? recipe.models
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
                let place = directory.appending(path: "\(name).\(kind.rawValue).safetensors")
                file = try collected(kind, task, labels, in: place)
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
                labels.accepts(found) ? found ?? labels : labels,
                examples: known.provenance.examples
            )
            if known.provenance == expected { return known }
        }
        _ = try StatisticsCollection.run(kind, task, recipe, to: place, options, workers, observer)
        return try StatisticsFile(contentsOf: place)
    }

    /// Throws if a file was collected from another model.
    private func check(
        _ file: StatisticsFile,
        of expert: SourceModel,
        in models: SourceModels
    ) throws {
        let found = try ContentHash.of(
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
    /// A text among the options of the merge.
    func text(_ option: String) -> String? {
        scopes().value(of: option, tensor: "", at: 0).flatMap {
            if case .text(let text) = $0 { text } else { nil }
        }
    }
}
