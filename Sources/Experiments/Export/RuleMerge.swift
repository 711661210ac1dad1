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

    /// Opens the models of a recipe.
    ///
    /// - Throws: everything that does not match, in one error, before anything is computed.
    init(_ recipe: Recipe, workers: Workers) throws {
        method = try MergeMethods.named(recipe.mergeMethod)
        if case .learned = method.kind { throw MergeError.learnedMethod(method.card.name) }
        try Self.checkTokenizer(recipe)
        models = try SourceModels(recipe, for: method.card)
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
        dtype = recipe.outDtype ?? recipe.dtype
        blocks = MergedBlocks(of: models.pool, by: plan, storedAs: dtype.map(DType.init))
        tensors = [OutputTensor](models.template.member.weights, merged: blocks)
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
