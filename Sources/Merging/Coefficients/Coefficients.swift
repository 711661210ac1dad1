public import Tensors

/// How much of each expert goes into each group of parameters: `λ` of a merge.
public struct Coefficients: Sendable, Equatable, Codable {
    /// What a group is.
    public let granularity: Granularity
    /// The names of the experts: the columns.
    public let models: [String]
    /// The groups of parameters: the rows.
    public let groups: [ParameterGroup]
    /// The coefficients, `[groups][models]`.
    public var lambda: [[Float]]

    /// The same coefficient everywhere.
    public init(
        _ granularity: Granularity,
        models: [String],
        parameters: [String],
        initial: Float
    ) {
        self.granularity = granularity
        self.models = models
        groups = granularity.groups(of: parameters)
        lambda = Array(
            repeating: Array(repeating: initial, count: models.count),
            count: groups.count
        )
    }

    /// The coefficients of every parameter by name.
    public var byParameter: [String: [Float]] {
        zip(groups, lambda).reduce(into: [:]) { table, row in
            for name in row.0.parameters { table[name] = row.1 }
        }
    }

    /// The coefficients as one tensor `[groups, models]`.
    public var tensor: Tensor {
        Tensor([groups.count, models.count], lambda.flatMap(\.self))
    }

    /// These groups with the coefficients of a tensor `[groups, models]`.
    public func replaced(by tensor: Tensor) -> Coefficients {
        var copy = self
        let elements = tensor.elements
        copy.lambda = groups.indices.map { row in
            Array(elements[row * models.count..<(row + 1) * models.count])
        }
        return copy
    }

    /// These coefficients taken over into groups of another granularity.
    ///
    /// A finer group takes the coefficients of the coarser one that held its parameters; a coarser
    /// one their mean.
    public func regrouped(_ granularity: Granularity) -> Coefficients {
        let table = byParameter
        let names = groups.flatMap(\.parameters)
        var result = Coefficients(granularity, models: models, parameters: names, initial: 0)
        result.lambda = result.groups.map { group in
            models.indices.map { model in
                let values = group.parameters.compactMap { table[$0]?[model] }
                return values.reduce(0, +) / Float(max(1, values.count))
            }
        }
        return result
    }
}
