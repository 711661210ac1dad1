public import Tensors

/// A tensor together with the operation that produced it.
///
/// Operators on variables record how gradients flow back; algebra on tensors never does. A value
/// that needs no gradient carries no graph, so evaluation costs nothing extra.
public struct Variable: Sendable {
    /// The numbers.
    public let value: Tensor
    let node: Node?
    /// Who is shown the rows that this value, a weight, is multiplied with.
    let watcher: (@Sendable (_ rows: Tensor) -> Void)?

    /// The length of each dimension of the value.
    public var shape: [Int] { value.shape }

    /// A value that gradients stop at.
    public init(constant value: Tensor) {
        self.value = value
        (node, watcher) = (nil, nil)
    }

    /// A value that gradients are taken with respect to.
    ///
    /// A parameter that keeps rows gets each contribution row by row, not summed over them: what
    /// belongs to each example can then be told apart.
    public init(parameter value: Tensor, keepingRows: Bool = false) {
        self.value = value
        node = Node(parameterOf: value.shape, keepsRows: keepingRows)
        watcher = nil
    }

    /// A constant weight that shows `watcher` the rows that linear maps multiply it with.
    ///
    /// # Shapes
    /// The rows are `[rows, inputs]` for a weight `[outputs, inputs]`.
    public init(constant value: Tensor, watcher: @escaping @Sendable (_ rows: Tensor) -> Void) {
        self.value = value
        node = nil
        self.watcher = watcher
    }

    /// The result of an operator: its value, and how a cotangent flows back to each input.
    ///
    /// The pullback speaks `Tensor`, so it cannot record by accident. It is called once at most,
    /// and returns one cotangent per input, of which those of constants are not used.
    public init(
        _ value: Tensor,
        from inputs: Variable...,
        pullback: @escaping @Sendable (Tensor) -> [Cotangent]
    ) {
        let tracked = inputs.indices.filter { inputs[$0].node != nil }
        self.value = value
        watcher = nil
        node =
            tracked.isEmpty
            ? nil
            : Node(shape: value.shape, parents: inputs.compactMap(\.node)) { cotangent in
                let all = pullback(cotangent)
                return tracked.map { all[$0] }
            }
    }

    /// The result of an operator on parameters that takes what flows back to it piece by piece.
    ///
    /// A pullback is linear, so each contribution may be pulled back in the form in which it comes:
    /// the product of two factors, for instance, without forming it. Every tracked input is a
    /// parameter. The pullback returns one cotangent per input, and is called as often as this
    /// value is used.
    public init(
        _ value: Tensor,
        from inputs: Variable...,
        pullingBackEach pullback: @escaping @Sendable (Cotangent) -> [Cotangent]
    ) {
        let tracked = inputs.indices.filter { inputs[$0].node != nil }
        let parents = inputs.compactMap(\.node)
        precondition(parents.allSatisfy(\.parents.isEmpty), "an input is not a parameter")
        self.value = value
        watcher = nil
        node =
            tracked.isEmpty
            ? nil
            : Node(
                shape: value.shape,
                parameters: parents,
                pullbackOfEach: { cotangent in
                    let all = pullback(cotangent)
                    return tracked.map { all[$0] }
                }
            )
    }

    /// Whether gradients flow through this value.
    public var isTracked: Bool { node != nil }

    /// Whether somebody is shown the rows that this value is multiplied with.
    public var isWatched: Bool { watcher != nil }

    /// Whether this is a parameter whose contributions are not to be summed over rows.
    var keepsRows: Bool { node?.keepsRows ?? false }

    /// What tells one variable of a graph from another.
    public struct ID: Hashable, Sendable { let identifier: ObjectIdentifier }

    /// The identity of a tracked variable while it lives; `nil` for a constant.
    public var id: ID? { node.map { ID(identifier: ObjectIdentifier($0)) } }
}

/// One operation of the graph.
///
/// Every stored property is immutable, so the compiler proves that graphs may be shared between
/// threads.
final class Node: Sendable {
    let shape: [Int]
    let parents: [Node]
    /// How the whole cotangent flows back to the parents.
    let pullback: @Sendable (Tensor) -> [Cotangent]
    /// How a part of it does, where parts are not to be summed first; the parents are parameters.
    let pullbackOfEach: (@Sendable (Cotangent) -> [Cotangent])?
    /// Whether contributions to this parameter are not to be summed over rows.
    let keepsRows: Bool

    init(parameterOf shape: [Int], keepsRows: Bool) {
        (self.shape, parents, self.keepsRows) = (shape, [], keepsRows)
        (pullback, pullbackOfEach) = ({ _ in [] }, nil)
    }

    init(
        shape: [Int],
        parents: [Node],
        pullback: @escaping @Sendable (Tensor) -> [Cotangent]
    ) {
        (self.shape, self.parents, keepsRows) = (shape, parents, false)
        (self.pullback, pullbackOfEach) = (pullback, nil)
    }

    init(
        shape: [Int],
        parameters: [Node],
        pullbackOfEach: @escaping @Sendable (Cotangent) -> [Cotangent]
    ) {
        (self.shape, parents, keepsRows) = (shape, parameters, false)
        self.pullbackOfEach = pullbackOfEach
        pullback = { pullbackOfEach(.tensor($0)) }
    }
}
