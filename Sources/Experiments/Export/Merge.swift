internal import Checkpoints
public import FoundationEssentials
internal import Merging
public import Tensors

/// `merganser merge`: merges models by a rule, from disk to disk.
public enum Merge {
    /// Merges the models of a recipe and writes the result as a model directory.
    ///
    /// The models are read in blocks and once; nothing of their size is ever in memory.
    /// What is collected of the models is kept in `statistics`, by default in `OUTPUT.run`.
    /// The output is there in full or not at all; its card says that `command` made it. Throws
    /// `MergeError`, `ExportError` or `CheckpointError` with everything that does not match, before
    /// anything is computed, and where a model holds NaN or infinity.
    @discardableResult
    public static func run(
        _ recipe: Recipe,
        to output: URL,
        _ options: OutputOptions = OutputOptions(),
        statistics: URL? = nil,
        workers: Workers = .all,
        command: [String] = ["merganser", "merge", "recipe.yml", "OUTPUT"],
        observer: Observer = Observer()
    ) throws -> WrittenModel {
        try OutputDirectory.check(output, replacing: options.replacing)
        let merge = try RuleMerge(
            recipe,
            statistics: StatisticsSources(
                recipe: recipe,
                directory: statistics
                    ?? URL(filePath: output.standardizedFileURL.path + ".run"),
                isShared: statistics != nil,
                workers: workers,
                observer: observer
            ),
            workers: workers
        )
        let template = merge.models.template
        let hasVectors = merge.models.all.contains { $0.vector != nil }
        let mergekit = hasVectors ? nil : try recipe.mergekitYAML()
        let configuration = try EditedJSON.configuration(
            template.directory.configuration,
            in: template.directory.url,
            storedAs: merge.dtype,
            tokens: merge.models.vocabulary?.rows,
            merge.models.stacks
        )
        let warnings =
            (merge.models.vocabulary?.summary.notes ?? []) + merge.models.warnings
            + configuration.uncounted.map { module in
                "The config.json of \(template.reference.description) has no number of layers of the "
                    + "module \(module) that is known; correct it by hand."
            }
        warnings.forEach(observer.warn)
        let written = try MergedModel(
            blocks: merge.blocks,
            tensors: merge.tensors,
            configuration: configuration.data,
            mergekitRecipe: mergekit,
            card: ModelCard(
                method: merge.method.card,
                models: merge.models.all.map(\.reference.title),
                task: nil,
                recipe: try mergekit ?? recipe.resolvedYAML(),
                remark: nil,
                results: [],
                commands: [command]
            ),
            inputs: InputFiles.of(merge.models.all, merging: merge.models.vocabulary)
                + InputFiles.statistics(of: recipe),
            notes: { merge.report.lines + warnings },
            companions: merge.tokenizer.companions,
            changeTokenizer: { try merge.tokenizer.change(in: $0) }
        ).write(to: output, options, workers: workers, observer: observer)
        for entry in merge.report.all {
            if let words = entry.fallback {
                observer.warn("The equations of \(entry.parameter) were solved by \(words).")
            }
        }
        return written
    }
}

extension ModelReference {
    /// What a model card calls it: its id, or the last component of its path.
    var title: String {
        if case .hub = (adapter ?? model).location { return (adapter ?? model).location.path }
        return name
    }
}
