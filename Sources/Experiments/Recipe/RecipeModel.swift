/// A model of a recipe, with its own options.
public struct RecipeModel: Equatable, Sendable {
    /// The model.
    public var reference: ModelReference
    /// The absolute path of a file of statistics that were collected before.
    public var statistics: String?
    /// Options that hold for this model.
    public var parameters: [String: Setting]

    /// A model without options of its own, unless told otherwise.
    public init(
        _ reference: ModelReference,
        statistics: String? = nil,
        parameters: [String: Setting] = [:]
    ) {
        self.reference = reference
        self.statistics = statistics
        self.parameters = parameters
    }
}

/// A run of layers of the merged model, made from layers of its sources.
public struct RecipeSlice: Equatable, Sendable {
    /// The layers of one model that go into a slice.
    public struct Source: Equatable, Sendable {
        /// The model.
        public var reference: ModelReference
        /// Its layers, from 0.
        public var layers: Range<Int>
        /// Options that hold for this model in this slice.
        public var parameters: [String: Setting]

        /// Layers of a model.
        public init(
            _ reference: ModelReference,
            layers: Range<Int>,
            parameters: [String: Setting] = [:]
        ) {
            self.reference = reference
            self.layers = layers
            self.parameters = parameters
        }
    }

    /// Layers of the same number, of one model or several.
    public var sources: [Source]
    /// The base model of this slice, where it is not the recipe's.
    public var baseModel: ModelReference?
    /// Kept as mergekit reads it.
    public var residualWeight: Double?
    /// Options that hold in this slice.
    public var parameters: [String: Setting]

    /// A slice without options of its own, unless told otherwise.
    public init(
        _ sources: [Source],
        baseModel: ModelReference? = nil,
        residualWeight: Double? = nil,
        parameters: [String: Setting] = [:]
    ) {
        self.sources = sources
        self.baseModel = baseModel
        self.residualWeight = residualWeight
        self.parameters = parameters
    }
}

/// A part of a model with several, such as the text tower of a vision-language model.
public struct RecipeModule: Equatable, Sendable {
    /// What the architecture calls it.
    public var name: String
    /// Whole models; empty where the module is made of slices.
    public var models: [RecipeModel]
    /// Slices; empty where the module is made of whole models.
    public var slices: [RecipeSlice]
    /// Options that hold in this module.
    public var parameters: [String: Setting]

    /// A module made of models or of slices.
    public init(
        _ name: String,
        models: [RecipeModel] = [],
        slices: [RecipeSlice] = [],
        parameters: [String: Setting] = [:]
    ) {
        self.name = name
        self.models = models
        self.slices = slices
        self.parameters = parameters
    }
}
