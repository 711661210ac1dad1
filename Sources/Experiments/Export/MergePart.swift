internal import Checkpoints
internal import Merging
internal import OrderedCollections

/// A part of a merged model that is merged from models and with options of its own: all of it, a
/// module, or a slice of layers.
struct MergePart: Sendable {
    /// What is merged.
    let pool: ModelPool
    /// What the pool's base is called in the recipe, where it has one.
    let base: String?
    /// How it is merged.
    let options: RecipeOptions
    /// What is written: the tensors of the model whose names and formats count.
    let weights: OrderedDictionary<String, TensorView>
}

/// The layers of a merged model that do not stand where they stood in its models.
struct StackedLayers: Sendable {
    /// A layer of one of the models.
    struct Origin: Sendable {
        let directory: ModelDirectory
        let layer: Int
    }

    /// The module whose layers they are.
    let module: ModelModule
    /// The number of layers in the model whose configuration the merged one has.
    let count: Int
    /// Where each layer comes from; of several models, the first.
    let origins: [Origin]
}

extension Sequence<String> {
    /// The number of layers by list, of a model whose tensors have these names.
    var layerCounts: [String: Int] {
        reduce(into: [:]) { counts, name in
            guard let place = LayeredName(name) else { return }
            counts[place.list] = Swift.max(counts[place.list] ?? 0, place.layer + 1)
        }
    }
}
