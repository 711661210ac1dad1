public import Autograd
internal import Checkpoints
internal import Synchronization
public import Tensors

/// A merge seen as a parameter source: `θ(λ) = θ₀ + Σₖ λₖ·τₖ`.
///
/// A parameter is formed when it is first asked for and then kept. Of a table only the rows that a
/// batch reads are formed, so an embedding of thirty thousand rows costs what its few used rows do.
///
/// To learn `λ`, gradients are taken with respect to the formed parameters and only then projected
/// onto the task vectors: `∂L/∂λₖ = ⟨∂L/∂θ, τₖ⟩`. The finest granularity costs what one does. Where
/// all experts are adapters, `∂L/∂θ` is projected as the product that it comes as.
public final class MergedParameters: ParameterSource {
    private let vectors: any TaskVectors
    private let parameters: [String: ModelPool.Parameter]
    private let coefficients: [String: [Float]]
    private let tracked: Bool
    private let formed: Mutex<[String: Variable]> = Mutex([:])
    /// One variable per table: its coefficients, which the rows of all batches lead back to.
    private let leaves: [String: Variable]

    /// The merge of a pool with the given coefficients of each parameter.
    ///
    /// Gradients are taken where it is `tracked`.
    public init(
        _ vectors: any TaskVectors,
        coefficients: [String: [Float]],
        tracked: Bool = false
    ) {
        self.vectors = vectors
        self.coefficients = coefficients
        self.tracked = tracked
        parameters = vectors.pool.parameters.reduce(into: [:]) { $0[$1.name] = $1 }
        leaves = coefficients.mapValues { row in
            let tensor = Tensor([row.count], row)
            return tracked ? Variable(parameter: tensor) : Variable(constant: tensor)
        }
    }

    /// Forms parameters side by side before a model asks for them one after the other.
    public func form(_ names: [String], on workers: Workers) throws {
        // The largest first, so that no worker is left with one at the end.
        let order = names.compactMap { parameters[$0] }.sorted { $0.count > $1.count }
        let variables = try workers.map(order.count) { try variable(of: order[$0]) }
        formed.withLock { table in
            for (parameter, variable) in zip(order, variables) where table[parameter.name] == nil {
                table[parameter.name] = variable
            }
        }
    }

    /// The names of the parameters that were formed as a whole so far.
    public var formedNames: [String] { formed.withLock { $0.keys.sorted() } }

    /// The parameter of a name.
    public func parameter(named name: String, shape: [Int]) throws -> Variable {
        let parameter = try known(name, shape)
        return try formed.withLock { table in
            if let variable = table[name] { return variable }
            let new = try variable(of: parameter)
            table[name] = new
            return new
        }
    }

    /// Some rows of a table; gradients lead to the table's coefficients directly.
    public func rows(
        _ indices: [Int32],
        ofParameterNamed name: String,
        shape: [Int]
    ) throws -> Variable {
        let parameter = try known(name, shape)
        let whole = formed.withLock { $0[name] }
        if let whole { return whole.rows(indices) }
        guard let base = parameter.base, let leaf = leaves[name] else {
            return try self.parameter(named: name, shape: shape).rows(indices)
        }
        let origin = try base.rows(indices)
        guard !parameter.isUnchanged else { return Variable(constant: origin) }
        let differences = try vectors.differences(of: parameter, rows: indices, base: origin)
        var sum = origin
        for (vector, factor) in zip(differences, coefficients[name] ?? []) {
            sum.add(vector, times: factor)
        }
        return Variable(sum, from: leaf) { dy in
            [.tensor(Tensor([differences.count], differences.map { Float($0.dot(dy)) }))]
        }
    }

    /// Throws unless the parameter is there in this shape.
    public func expect(parameterNamed name: String, shape: [Int]) throws {
        _ = try known(name, shape)
    }

    /// Whether there is a parameter of this name.
    public func contains(_ name: String) -> Bool { parameters[name] != nil }

    /// The derivatives by every parameter's coefficients, from those by the parameters.
    public func project(
        _ gradients: OrderedGradients,
        on workers: Workers
    ) throws -> [String: [Double]] {
        let variables = formed.withLock { $0 }
        let names = coefficients.keys.sorted {
            (parameters[$0]?.count ?? 0, $0) > (parameters[$1]?.count ?? 0, $1)
        }
        let rows = try workers.map(names.count) { index in
            let name = names[index]
            var row =
                leaves[name].flatMap { gradients[$0] }?.elements.map(Double.init)
                ?? Array(repeating: 0, count: vectors.pool.experts.count)
            if let parameter = parameters[name], let variable = variables[name],
                let gradient = gradients[variable]
            {
                let products = try vectors.products(gradient, with: parameter)
                for expert in row.indices { row[expert] += products[expert] }
            }
            return row
        }
        return Dictionary(uniqueKeysWithValues: zip(names, rows))
    }

    private func variable(of parameter: ModelPool.Parameter) throws -> Variable {
        guard let row = coefficients[parameter.name], let leaf = leaves[parameter.name],
            parameter.base != nil, !parameter.isUnchanged
        else {
            // No coefficient moves what no expert changes, so nothing is learned from its gradient.
            return try Variable(constant: parameter.base?.tensor() ?? .zeros(parameter.shape))
        }
        let value = try vectors.merged(parameter, by: row)
        if let factors = vectors.factors(of: parameter) {
            return Variable(value, from: leaf, pullingBackEach: factors.projection(of:))
        }
        return tracked ? Variable(parameter: value) : Variable(constant: value)
    }

    private func known(_ name: String, _ shape: [Int]) throws -> ModelPool.Parameter {
        try parameters[name].orMissing(name, shape, in: "the merge", shapedAs: \.shape)
    }
}
