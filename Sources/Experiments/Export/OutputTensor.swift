internal import Checkpoints
internal import FoundationEssentials
internal import Merging
internal import Tensors

/// A tensor of the model that is written.
struct OutputTensor: Sendable {
    enum Content: Sendable {
        /// The merged parameter of this name, stored in a format.
        case merged(String, DType)
        /// A tensor of a file, byte by byte.
        case stored(TensorView)
        /// Numbers that are known, stored in a format.
        case given(Tensor, DType)
    }

    let name: String
    let shape: [Int]
    let content: Content

    var declaration: TensorDeclaration {
        switch content {
        case .merged(_, let dtype), .given(_, let dtype):
            TensorDeclaration(name: name, dtype: dtype, shape: shape)
        case .stored(let view): TensorDeclaration(name: name, dtype: view.dtype, shape: shape)
        }
    }

    /// A tensor of a file.
    init(_ name: String, stored view: TensorView) {
        (self.name, shape, content) = (name, view.shape, .stored(view))
    }

    /// Known numbers in a format.
    init(_ name: String, _ tensor: Tensor, as dtype: DType) {
        (self.name, shape, content) = (name, tensor.shape, .given(tensor, dtype))
    }

    /// A merged parameter.
    init(_ name: String, merged parameter: ModelPool.Parameter, in blocks: MergedBlocks) {
        (self.name, shape) = (name, parameter.shape)
        content = .merged(parameter.name, blocks.dtype(of: parameter))
    }
}

extension [OutputTensor] {
    /// The tensors of a model, each merged where the merge has it.
    init(_ tensors: some Sequence<(key: String, value: TensorView)>, merged blocks: MergedBlocks) {
        let merged = blocks.parameters.reduce(into: [:]) { $0[$1.name] = $1 }
        self = tensors.map { name, view in
            merged[name].map { OutputTensor(name, merged: $0, in: blocks) }
                ?? OutputTensor(name, stored: view)
        }
    }
}
