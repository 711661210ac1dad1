internal import Merging

/// A recipe's options as a merge method asks for them, with gradients over the layers and filters.
struct RecipeOptions: OptionSource {
    private let merge: ParameterScopes
    private let models: [ParameterScopes]
    private let layers: Int
    let seed: UInt64

    /// The options of some models of a recipe; the names of what is merged tell the number of layers.
    init(
        _ recipe: Recipe,
        module: RecipeModule?,
        models: [ModelReference],
        parameters: [String]
    ) {
        merge = recipe.scopes(module: module)
        self.models = models.map { recipe.scopes(of: $0, module: module) }
        seed = recipe.seed
        layers = (parameters.compactMap(LayerPosition.layer(ofTensor:)).max() ?? -1) + 1
    }

    func value(of option: String, parameter: String, model: Int?) -> OptionValue? {
        let scopes = model.map { models[$0] } ?? merge
        let position = LayerPosition.position(ofTensor: parameter, among: layers)
        return scopes.value(of: option, tensor: parameter, at: position).map(OptionValue.init)
    }
}

extension OptionValue {
    /// A recipe's value as a method takes it.
    init(_ scalar: Setting.Scalar) {
        self =
            switch scalar {
            case .number(let number): .number(number)
            case .boolean(let flag): .flag(flag)
            case .text(let text): .text(text)
            }
    }
}
