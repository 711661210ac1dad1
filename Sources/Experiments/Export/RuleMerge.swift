internal import Checkpoints
internal import Merging
internal import Tensors

/// A merge by rule, its models opened and matched, its options read: all but the computing.
struct RuleMerge: Sendable {
    let method: MergeMethod
    let models: SourceModels
    /// The format of what is written; `nil` for that of the base.
    let dtype: ElementType?
    /// What is computed.
    let blocks: MergedBlocks
    /// What is written.
    let tensors: [OutputTensor]
    /// The tokenizer of what is written.
    let tokenizer: TokenizerOutput
    /// How equations are solved, once they are.
    let report = SolveReport()

    /// Opens the models of a recipe.
    ///
    /// Without `statistics`, a method that needs such is only planned: nothing can be computed.
    ///
    /// - Throws: everything that does not match, in one error, before anything is computed.
    init(_ recipe: Recipe, statistics: StatisticsSources?, workers: Workers) throws {
        method = try MergeMethods.named(recipe.mergeMethod)
        if case .learned = method.kind { throw MergeError.learnedMethod(method.card.name) }
        if !recipe.tasks.isEmpty { try recipe.checkVocabularyKeys() }
        models = try SourceModels(recipe, for: method.card)
        // Hashing the base takes a while, and a plan reads headers only.
        if statistics != nil { try models.checkVectors() }
        let (method, models, report) = (method, models, report)
        let parts = try models.parts.map { part in
            let plan = try Self.plan(method, models, part, recipe, statistics, report, workers)
            return (pool: part.pool, plan: plan)
        }
        dtype = recipe.outDtype ?? recipe.dtype
        let blocks = MergedBlocks(parts, storedAs: dtype.map(DType.init))
        self.blocks = blocks
        tensors = models.parts.flatMap { [OutputTensor]($0.weights, merged: blocks) }
        tokenizer = try TokenizerOutput(recipe, of: models)
    }

    private static func plan(
        _ method: MergeMethod,
        _ models: SourceModels,
        _ part: MergePart,
        _ recipe: Recipe,
        _ sources: StatisticsSources?,
        _ report: SolveReport,
        _ workers: Workers
    ) throws -> MergeMethod.Plan {
        let options = part.options
        func plan(
            _ statistics: [ModelStatistics],
            _ options: any OptionSource = options
        ) throws -> MergeMethod.Plan {
            try method.plan(
                part.pool,
                options: options,
                statistics: statistics,
                report: report,
                workers: workers
            )
        }
        guard let kind = method.kind.statistics else { return try plan([]) }
        if case .fromMasks = method.kind, !recipe.hasDataOfModels { return try plan([]) }
        guard let sources else {
            return { _ in throw MergeError.learnedMethod(recipe.mergeMethod) }
        }
        guard case .blockByBlock = method.kind else {
            let statistics = try sources.statistics(kind, of: models, for: method.card)
            guard let search = try WeightedMerges(sources, models, method.card) else {
                return try plan(statistics)
            }
            let weights = try search.best(report) {
                try plan(statistics, ReplacedWeights(options: options, weights: $0))
            }
            return try plan(statistics, ReplacedWeights(options: options, weights: weights))
        }
        let merge = try BlockwiseMerge(sources, models, method)
        return MergeMethod.plan(handingOut: try merge.merged { try plan($0) })
    }
}

extension Recipe {
    /// Whether there is something to learn of the models from: tasks with data, or files.
    fileprivate var hasDataOfModels: Bool {
        tasks.contains { $0.data != nil } || models.contains { $0.statistics != nil }
    }
}
