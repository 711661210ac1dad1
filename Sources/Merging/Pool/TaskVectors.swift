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
    /// The task vectors of a parameter as factors, where they are of low rank and used as they are.
    func factors(of parameter: ModelPool.Parameter) -> LowRankVectors?
}

extension TaskVectors {
    /// None, as a filter over a task vector leaves nothing of its low rank.
    public func factors(of parameter: ModelPool.Parameter) -> LowRankVectors? { nil }
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
        for (vector, coefficient) in zip(
            try differences(of: parameter, in: range, base: origin),
            coefficients
        ) {
            sum.add(vector, times: coefficient)
        }
        return sum
    }

    /// `θ₀ + Σₖ λₖ·τₖ` of a whole parameter.
    func merged(_ parameter: ModelPool.Parameter, by coefficients: [Float]) throws -> Tensor {
        try Tensor(parameter.shape) { output in
            for range in Blocks.of(shape: parameter.shape) {
                try merged(parameter, in: range, by: coefficients).withSpan { block in
                    for i in block.indices { output.append(block[i]) }
                }
            }
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
            let vectors = try differences(of: parameter, in: range, base: base)
            for (expert, vector) in vectors.enumerated() {
                sums[expert] += gradient.dot(vector, in: range)
            }
        }
        return sums
    }
}
