public import Tensors

extension Variable {
    /// Walks the graph backwards from this variable and hands every parameter its contributions.
    ///
    /// The order of the calls depends on the graph alone. `isLast` is true with a parameter's last
    /// contribution of this walk; a parameter that the value does not depend on gets none.
    ///
    /// The cotangent is the derivative of the objective by this value, in its shape; for a scalar
    /// objective, 1.
    public func pullBack(
        _ cotangent: Tensor = Tensor(1),
        into receive: (Leaf, Cotangent, _ isLast: Bool) throws -> Void
    ) rethrows {
        guard let root = node else { return }
        precondition(cotangent.count == value.count, "a cotangent of \(shape)")
        let order = root.descendants()
        var uses: [ObjectIdentifier: Int] = [:]
        for node in order {
            for parent in node.parents { uses[ObjectIdentifier(parent), default: 0] += 1 }
        }
        var sums: [ObjectIdentifier: Tensor] = [ObjectIdentifier(root): cotangent]
        if root.parents.isEmpty {
            try receive(root.leaf, .tensor(cotangent), true)
        }
        /// Counts a use of a node, and says whether it was the last one.
        func used(_ node: Node) -> Bool {
            uses[ObjectIdentifier(node), default: 0] -= 1
            return uses[ObjectIdentifier(node)] == 0
        }
        for node in order {
            // Taking the sum out of the table frees it as soon as the pullback is done with it.
            guard let sum = sums.removeValue(forKey: ObjectIdentifier(node)) else { continue }
            for (parent, flow) in zip(node.parents, node.pullback(sum)) {
                let key = ObjectIdentifier(parent)
                let isLast = used(parent)
                if parent.parents.isEmpty {
                    try receive(parent.leaf, flow, isLast)
                } else if let pullback = parent.pullbackOfEach {
                    for (parameter, part) in zip(parent.parents, pullback(flow)) {
                        let isLastOfAll = isLast && used(parameter)
                        try receive(parameter.leaf, part, isLastOfAll)
                    }
                } else if case .zero = flow {
                    continue
                } else if sums[key] != nil {
                    sums[key]?.add(flow)
                } else {
                    sums[key] = flow.tensor(of: parent.shape)
                }
            }
        }
    }
}

/// The gradients of one objective, kept apart from the variables they belong to.
public struct Gradients: Sendable {
    private var tensors: [Variable.ID: Tensor] = [:]

    /// Differentiates `root`, a scalar unless a cotangent of its shape is given, by its parameters.
    public init(of root: Variable, cotangent: Tensor = Tensor(1)) {
        var sums: [Variable.ID: Tensor] = [:]
        root.pullBack(cotangent) { leaf, flow, _ in
            let tensor = flow.tensor(of: leaf.shape)
            if sums[leaf.id] != nil { sums[leaf.id]?.add(tensor) } else { sums[leaf.id] = tensor }
        }
        tensors = sums
    }

    /// The gradient by a parameter; `nil` for a constant or where the objective ignores it.
    public subscript(variable: Variable) -> Tensor? { variable.id.flatMap { tensors[$0] } }
}

extension Variable {
    /// A parameter as a backward pass meets it.
    public struct Leaf: Sendable {
        /// Which parameter it is.
        public let id: ID
        /// The shape of the parameter and its gradient.
        public let shape: [Int]
    }
}

extension Node {
    fileprivate var leaf: Variable.Leaf {
        Variable.Leaf(id: Variable.ID(identifier: ObjectIdentifier(self)), shape: shape)
    }

    /// This node and all it depends on, every node before its parents.
    func descendants() -> [Node] {
        var order: [Node] = []
        var seen: Set<ObjectIdentifier> = [ObjectIdentifier(self)]
        // An explicit stack: a model of a thousand layers must not need a deep call stack.
        var stack: [(node: Node, next: Int)] = [(self, 0)]
        while let (node, next) = stack.last {
            guard next < node.parents.count else {
                order.append(node)
                stack.removeLast()
                continue
            }
            stack[stack.count - 1].next += 1
            let parent = node.parents[next]
            if seen.insert(ObjectIdentifier(parent)).inserted { stack.append((parent, 0)) }
        }
        return order.reversed()
    }
}
