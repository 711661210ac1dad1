public import Tensors

/// The task vectors of a pool, `τₖ = θₖ − θ₀`, formed on the fly from mapped files.
///
/// Nothing of the size of a model is ever resident. A processed task vector is the same with a
/// filter laid over each block.
public protocol TaskVectors: Sendable {
    /// The models and their parameters.
    var pool: ModelPool { get }
    /// The task vectors of all experts in one block of a parameter.
    func differences(of parameter: ModelPool.Parameter, in range: Range<Int>, base: Tensor) throws
        -> [Tensor]
    /// The task vectors of all experts in some rows of a table `[rows, width]`.
    func differences(
        of parameter: ModelPool.Parameter,
        rows: [Int32],
        base: Tensor
    ) throws -> [Tensor]
    /// Adds `Σₖ λₖ·τₖ` in one block of a parameter to a sum of that block.
    func add(
        _ parameter: ModelPool.Parameter,
        in range: Range<Int>,
        base: Tensor,
        by coefficients: [Float],
        to sum: inout Tensor
    ) throws
    /// `⟨g, τₖ⟩` of every expert over one block of a parameter, for a gradient `g` of all of it.
    func products(
        _ gradient: Tensor,
        with parameter: ModelPool.Parameter,
        in range: Range<Int>,
        base: Tensor
    ) throws -> [Double]
    /// The task vectors of a parameter as factors, where they are of low rank and used as they are.
    func factors(of parameter: ModelPool.Parameter) -> LowRankVectors?
}

extension TaskVectors {
    /// None, as a filter over a task vector leaves nothing of its low rank.
    public func factors(of parameter: ModelPool.Parameter) -> LowRankVectors? { nil }

    /// Forms the task vectors and adds them.
    public func add(
        _ parameter: ModelPool.Parameter,
        in range: Range<Int>,
        base: Tensor,
        by coefficients: [Float],
        to sum: inout Tensor
    ) throws {
        let vectors = try differences(of: parameter, in: range, base: base)
        for (vector, coefficient) in zip(vectors, coefficients) {
            sum.add(vector, times: coefficient)
        }
    }

    /// Forms the task vectors and takes their products.
    public func products(
        _ gradient: Tensor,
        with parameter: ModelPool.Parameter,
        in range: Range<Int>,
        base: Tensor
    ) throws -> [Double] {
        try differences(of: parameter, in: range, base: base).map { gradient.dot($0, in: range) }
    }
}

/// Task vectors as they are.
public struct PlainTaskVectors: TaskVectors {
    /// The models and their parameters.
    public let pool: ModelPool
    private let factors: [String: LowRankVectors]

    /// The task vectors of a pool.
    public init(_ pool: ModelPool) {
        self.pool = pool
        factors = pool.parameters.reduce(into: [:]) { $0[$1.name] = LowRankVectors($1) }
    }

    /// The factors of a parameter that every expert changes by a low rank, or not at all.
    public func factors(of parameter: ModelPool.Parameter) -> LowRankVectors? {
        factors[parameter.name]
    }

    /// The task vectors of all experts in one block of a parameter.
    public func differences(
        of parameter: ModelPool.Parameter,
        in range: Range<Int>,
        base: Tensor
    ) throws -> [Tensor] {
        try parameter.experts.map {
            try $0.difference(in: range, base: base, shape: parameter.shape)
        }
    }

    /// The task vectors of all experts in some rows of a table.
    public func differences(
        of parameter: ModelPool.Parameter,
        rows: [Int32],
        base: Tensor
    ) throws -> [Tensor] {
        try parameter.experts.map { try $0.difference(ofRows: rows, base: base) }
    }

    /// Adds the task vectors as they are read; those of dense experts are not formed apart.
    public func add(
        _ parameter: ModelPool.Parameter,
        in range: Range<Int>,
        base: Tensor,
        by coefficients: [Float],
        to sum: inout Tensor
    ) throws {
        for (expert, factor) in zip(parameter.experts, coefficients) {
            if let view = expert.whole {
                try view.addDifferences(in: range, from: base, times: factor, to: &sum)
            } else {
                let vector = try expert.difference(in: range, base: base, shape: parameter.shape)
                sum.add(vector, times: factor)
            }
        }
    }

    /// Takes the products as the task vectors are read; those of dense experts are not formed apart.
    public func products(
        _ gradient: Tensor,
        with parameter: ModelPool.Parameter,
        in range: Range<Int>,
        base: Tensor
    ) throws -> [Double] {
        try parameter.experts.map { expert in
            if let view = expert.whole {
                return try view.dotDifferences(in: range, from: base, with: gradient)
            }
            let vector = try expert.difference(in: range, base: base, shape: parameter.shape)
            return gradient.dot(vector, in: range)
        }
    }
}

extension TaskVectors {
    /// `θ₀ + Σₖ λₖ·τₖ` in one block.
    func merged(
        _ parameter: ModelPool.Parameter,
        in range: Range<Int>,
        by coefficients: [Float]
    ) throws -> Tensor {
        guard let base = parameter.base else {
            throw MergeError.missingBase(method: "task arithmetic")
        }
        let origin = try base.block(range)
        if let factors = factors(of: parameter) {
            return factors.sum(by: coefficients, in: range, onto: origin)
        }
        var sum = origin
        try add(parameter, in: range, base: origin, by: coefficients, to: &sum)
        return sum
    }

    /// `θ₀ + Σₖ λₖ·τₖ` of a whole parameter.
    func merged(_ parameter: ModelPool.Parameter, by coefficients: [Float]) throws -> Tensor {
        try Tensor(parameter.shape, blocks: Blocks.of(shape: parameter.shape)) { range in
            try merged(parameter, in: range, by: coefficients)
        }
    }

    /// `⟨∂L/∂θ, τₖ⟩ = ∂L/∂λₖ` for every expert, in double.
    func products(
        _ gradient: Tensor,
        with parameter: ModelPool.Parameter
    ) throws -> [Double] {
        var sums = Array(repeating: 0.0, count: pool.experts.count)
        for range in Blocks.of(shape: parameter.shape) {
            guard let base = try parameter.base?.block(range) else { continue }
            let products = try products(gradient, with: parameter, in: range, base: base)
            for (expert, product) in products.enumerated() { sums[expert] += product }
        }
        return sums
    }
}
