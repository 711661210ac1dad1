internal import Checkpoints
public import FoundationEssentials
internal import Merging
public import Tensors

/// `merganser merge`: merges models by a rule, from disk to disk.
public enum Merge {
    /// Merges the models of a recipe and writes the result as a model directory.
    ///
    /// The models are read in blocks and once; nothing of their size is ever in memory.
    /// The output is there in full or not at all; its card says that `command` made it. Throws
    /// `MergeError`, `ExportError` or `CheckpointError` with everything that does not match, before
    /// anything is computed, and where a model holds NaN or infinity.
    @discardableResult
    public static func run(
        _ recipe: Recipe,
        to output: URL,
        _ options: OutputOptions = OutputOptions(),
        workers: Workers = .all,
        command: [String] = ["merganser", "merge", "recipe.yml", "OUTPUT"],
        observer: Observer = Observer()
    ) throws -> WrittenModel {
        let method = try MergeMethods.named(recipe.mergeMethod)
        try checkTokenizer(recipe)
        let models = try SourceModels(recipe, for: method.card)
        let template = models.template
        let plan = try method.plan(
            models.pool,
            options: RecipeOptions(
                recipe,
                module: models.module,
                models: models.experts.map(\.reference),
                parameters: models.pool.parameters.map(\.name)
            ),
            workers: workers
        )
        let type = recipe.outDtype ?? recipe.dtype
        let blocks = MergedBlocks(of: models.pool, by: plan, storedAs: type.map(DType.init))
        let mergekit = try recipe.mergekitYAML()
        return try MergedModel(
            blocks: blocks,
            tensors: [OutputTensor](template.member.weights, merged: blocks),
            configuration: ConfigurationText.naming(
                type,
                in: template.directory.configuration,
                of: template.directory.url
            ),
            mergekitRecipe: mergekit,
            card: ModelCard(
                method: method.card,
                models: models.all.map(\.reference.title),
                task: nil,
                recipe: try mergekit ?? recipe.resolvedYAML(),
                remark: nil,
                results: [],
                commands: [command]
            ),
            inputs: InputFiles.of(models.all),
            copyCompanions: { try template.directory.copyCompanions(to: $0) }
        ).write(to: output, options, workers: workers, observer: observer)
    }

    private static func checkTokenizer(_ recipe: Recipe) throws {
        switch recipe.tokenizerSource {
        case nil, .base: break
        default: throw ExportError.tokenizer(key: "tokenizer_source")
        }
        if recipe.tokenizer != nil { throw ExportError.tokenizer(key: "tokenizer") }
        if recipe.chatTemplate != nil { throw ExportError.tokenizer(key: "chat_template") }
    }
}

extension ModelReference {
    /// What a model card calls it: its id, or the last component of its path.
    var title: String {
        if case .hub = (adapter ?? model).location { return (adapter ?? model).location.path }
        return name
    }
}
