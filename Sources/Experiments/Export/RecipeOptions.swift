internal import Checkpoints
internal import Merging

/// A recipe's options as a merge method asks for them, with gradients over the layers and filters.
struct RecipeOptions: OptionSource {
    /// A model whose own options are asked for.
    struct Model: Sendable {
        let scopes: ParameterScopes
        /// How many layers its own numbers are ahead of the merged model's.
        var shift = 0
    }

    let seed: UInt64
    private let merge: ParameterScopes
    private let models: [Model]
    /// The layers of the merged model that a gradient runs over, by list.
    private let layers: [String: Range<Int>]

    /// The options of some models, within a module or slice where there is one.
    init(
        _ recipe: Recipe,
        module: RecipeModule? = nil,
        slice: RecipeSlice? = nil,
        models: [Model],
        layers: [String: Range<Int>]
    ) {
        seed = recipe.seed
        merge = recipe.scopes(slice: slice, module: module)
        (self.models, self.layers) = (models, layers)
    }

    func value(of option: String, parameter: String, model: Int?) -> OptionValue? {
        let scopes = model.map { models[$0].scopes } ?? merge
        guard let place = LayeredName(parameter), let layers = layers[place.list] else {
            return scopes.value(of: option, tensor: parameter).map(OptionValue.init)
        }
        let position = LayerPosition.position(
            ofLayer: place.layer - layers.lowerBound,
            among: layers.count
        )
        // Filters of a model look at its own names.
        let shift = model.map { models[$0].shift } ?? 0
        let name = shift == 0 ? parameter : place.moved(to: place.layer + shift).name
        return scopes.value(of: option, tensor: name, at: position).map(OptionValue.init)
    }

    func list(of option: String, parameter: String) -> OptionValue? {
        guard case .list(let scalars)? = merge.setting(of: option) else {
            return value(of: option, parameter: parameter, model: nil)
        }
        return .list(scalars.map(OptionValue.init))
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
