public import Autograd
public import Checkpoints
internal import Tensors

/// A checkpoint as a model's parameters: decoded when asked for, tables row by row.
public struct CheckpointParameters: ParameterSource {
    private let views: [String: TensorView]
    private let name: String
    private let tracked: Bool

    /// Tensors of files by the names of the parameters.
    ///
    /// Errors call them `name`; gradients are taken with respect to them where they are `tracked`.
    public init(_ views: [String: TensorView], named name: String, tracked: Bool = false) {
        (self.views, self.name, self.tracked) = (views, name, tracked)
    }

    /// The parameters of a checkpoint.
    public init(_ checkpoint: Checkpoint, named name: String, tracked: Bool = false) {
        let views = checkpoint.names.reduce(into: [:]) { $0[$1] = checkpoint[$1] }
        self.init(views, named: name, tracked: tracked)
    }

    /// The parameter of a name.
    public func parameter(named name: String, shape: [Int]) throws -> Variable {
        try variable(view(name, shape).tensor())
    }

    /// Some rows of a table.
    public func rows(
        _ indices: [Int32],
        ofParameterNamed name: String,
        shape: [Int]
    ) throws -> Variable {
        guard !tracked else { return try parameter(named: name, shape: shape).rows(indices) }
        return try Variable(constant: view(name, shape).rows(indices))
    }

    /// Throws unless the parameter is there in this shape.
    public func expect(parameterNamed name: String, shape: [Int]) throws {
        _ = try view(name, shape)
    }

    /// Whether there is a parameter of this name.
    public func contains(_ name: String) -> Bool { views[name] != nil }

    private func variable(_ tensor: Tensor) -> Variable {
        tracked ? Variable(parameter: tensor) : Variable(constant: tensor)
    }

    private func view(_ name: String, _ shape: [Int]) throws -> TensorView {
        try views[name].orMissing(name, shape, in: self.name, shapedAs: \.shape)
    }
}
