internal import Checkpoints

/// Where a tensor stands between the first layer of a model and the last.
public enum LayerPosition {
    /// The number of a tensor's layer: 3 for `model.layers.3.mlp.up_proj.weight`.
    ///
    /// `nil` for tensors outside the layers.
    public static func layer(ofTensor name: String) -> Int? { LayeredName(name)?.layer }

    /// The position from 0, the first layer, to 1, the last; a single layer stands at 1.
    public static func position(ofLayer layer: Int, among layers: Int) -> Double {
        layers > 1 ? min(1, Double(layer) / Double(layers - 1)) : 1
    }

    /// The position of a tensor's layer; 0 for tensors outside the layers.
    public static func position(ofTensor name: String, among layers: Int) -> Double {
        layer(ofTensor: name).map { position(ofLayer: $0, among: layers) } ?? 0
    }
}
