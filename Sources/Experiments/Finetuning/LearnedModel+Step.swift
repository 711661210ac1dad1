internal import Autograd
internal import Checkpoints
internal import Merging
internal import Tensors

extension LearnedModel {
    /// The classifier's parameters for given values of what is learned.
    ///
    /// Weights with an update are formed here, once for all micro-batches of a step. `values` holds
    /// everything that is learned, by name.
    func parameters(
        _ values: [String: Tensor],
        tracked: Bool,
        on workers: Workers
    ) throws -> StepParameters {
        func variable(_ tensor: Tensor) -> Variable {
            tracked ? Variable(parameter: tensor) : Variable(constant: tensor)
        }
        let learned = values.mapValues(variable)
        let formed = try workers.map(updates.count) { index in
            let update = updates[index]
            guard let view = base.weights[update.weight], let a = learned[update.a],
                let b = learned[update.b]
            else { preconditionFailure("\(update.module) has no weight or no matrices") }
            return Variable(constant: try view.tensor()).adding(b, times: a, scale: update.scale)
        }
        return StepParameters(
            model: self,
            learned: learned,
            formed: formed,
            weights: Dictionary(
                uniqueKeysWithValues: zip(updates.map(\.weight), formed.map { variable($0.value) })
            ),
            frozen: CheckpointParameters(base.weights, named: base.directory.reference)
        )
    }
}

/// A classifier's parameters at one moment of learning, by the class's own names.
struct StepParameters: ParameterSource {
    fileprivate let model: LearnedModel
    /// Everything that is learned.
    fileprivate let learned: [String: Variable]
    /// The weights with an update, as they follow from its matrices; in the order of the updates.
    fileprivate let formed: [Variable]
    /// The same weights, as the graphs of micro-batches see them: without what they follow from.
    fileprivate let weights: [String: Variable]
    fileprivate let frozen: CheckpointParameters

    /// The parameter of a name.
    func parameter(named name: String, shape: [Int]) throws -> Variable {
        guard let known = self[name] else {
            return try frozen.parameter(named: name, shape: shape)
        }
        precondition(known.shape == shape, "\(name) is \(known.shape), not \(shape)")
        return known
    }

    /// Some rows of a table, which is read from the file unless it is learned.
    func rows(_ indices: [Int32], ofParameterNamed name: String, shape: [Int]) throws -> Variable {
        if let known = self[name] { return known.rows(indices) }
        return try frozen.rows(indices, ofParameterNamed: name, shape: shape)
    }

    /// Throws unless the parameter is there in this shape.
    func expect(parameterNamed name: String, shape: [Int]) throws {
        if self[name] == nil { try frozen.expect(parameterNamed: name, shape: shape) }
    }

    /// Whether there is a parameter of this name.
    func contains(_ name: String) -> Bool { self[name] != nil || frozen.contains(name) }

    private subscript(name: String) -> Variable? { weights[name] ?? learned[name] }

    /// The gradients of everything that is learned, from those that the micro-batches left.
    ///
    /// Those of a weight with an update are complete by now, and flow on to its matrices once.
    func gradients(from sums: OrderedGradients, on workers: Workers) throws -> [String: Tensor] {
        var gradients = learned.compactMapValues { sums[$0] }
        let matrices = try workers.map(formed.count) { index -> (a: Tensor, b: Tensor)? in
            let update = model.updates[index]
            guard let sum = weights[update.weight].flatMap({ sums[$0] }) else { return nil }
            let gradients = Gradients(of: formed[index], cotangent: sum)
            guard let a = learned[update.a].flatMap({ gradients[$0] }),
                let b = learned[update.b].flatMap({ gradients[$0] })
            else { return nil }
            return (a, b)
        }
        for (update, found) in zip(model.updates, matrices) {
            gradients[update.a] = found?.a
            gradients[update.b] = found?.b
        }
        return gradients
    }
}
