public import FoundationEssentials

/// What to merge and how: a recipe, read, checked and resolved.
///
/// Every default is filled in and every path is absolute, so that the recipe means the same
/// wherever it is read again.
public struct Recipe: Equatable, Sendable {
    /// The merge method.
    public var mergeMethod: String
    /// The model that the others were fine-tuned from.
    public var baseModel: ModelReference?
    /// The models to merge; empty where there are slices or modules.
    public var models: [RecipeModel]
    /// Slices of layers to stack; empty where there are models or modules.
    public var slices: [RecipeSlice]
    /// The modules of models with several; empty where there are models or slices.
    public var modules: [RecipeModule]
    /// What the merged model is asked to do.
    public var tasks: [RecipeTask]
    /// Options of the whole recipe, with the method's defaults.
    public var parameters: [String: Setting]
    /// How the method learns, if it learns.
    public var learning: LearningParameters?
    /// The type that tensors are cast to before they are merged; `nil` for their own.
    public var dtype: ElementType?
    /// The type that the result is cast to; `nil` for that of the merge.
    public var outDtype: ElementType?
    /// The tokenizer of the merged model, by its source alone.
    public var tokenizerSource: TokenizerParameters.Source?
    /// The tokenizer of the merged model, token by token.
    public var tokenizer: TokenizerParameters?
    /// The chat template of the merged model.
    public var chatTemplate: ChatTemplate?
    /// What all randomness starts from.
    public var seed: UInt64
    /// The file it was read from.
    public var source: URL?

    /// A merge of whole models.
    public init(
        mergeMethod: String,
        baseModel: ModelReference? = nil,
        models: [RecipeModel],
        tasks: [RecipeTask] = [],
        parameters: [String: Setting] = [:],
        learning: LearningParameters? = nil,
        dtype: ElementType? = nil,
        seed: UInt64 = 0
    ) {
        self.mergeMethod = mergeMethod
        self.baseModel = baseModel
        self.models = models
        self.tasks = tasks
        self.parameters = parameters
        self.learning = learning
        self.dtype = dtype
        self.seed = seed
        slices = []
        modules = []
    }
}

// MARK: Options

extension Recipe {
    /// The options as one model sees them, in mergekit's order: the source or model, the slice, the
    /// module, the recipe.
    ///
    /// Without a model, they are the options of the merge as a whole. The slice and the module are
    /// those being made, where the recipe has such; with `layers`, the options are those of the source
    /// that has them, where a model is several sources of one slice.
    public func scopes(
        of model: ModelReference? = nil,
        layers: Range<Int>? = nil,
        slice: RecipeSlice? = nil,
        module: RecipeModule? = nil
    ) -> ParameterScopes {
        let own: [[String: Setting]] =
            if let slice {
                slice.sources.filter { source in
                    source.reference == model && source.layers == layers ?? source.layers
                }.map(\.parameters)
            } else {
                (module?.models ?? models).filter { $0.reference == model }.map(\.parameters)
            }
        let outer = [slice?.parameters, module?.parameters, parameters].compactMap(\.self)
        return ParameterScopes(
            method: mergeMethod,
            model: model?.description,
            scopes: own + outer
        )
    }

    /// Every model of the recipe but the base, once, in the order in which they are named.
    public var experts: [ModelReference] {
        let all =
            Self.references(models, slices)
            + modules.flatMap { Self.references($0.models, $0.slices) }
        var seen = Set([baseModel].compactMap(\.self))
        return all.filter { seen.insert($0).inserted }
    }

    private static func references(
        _ models: [RecipeModel],
        _ slices: [RecipeSlice]
    ) -> [ModelReference] {
        models.map(\.reference) + slices.flatMap { $0.sources.map(\.reference) }
    }
}
