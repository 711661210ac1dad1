public import Tensors

/// Learns which entries of a task vector carry its skill: Localize-and-Stitch with data (He and others,
/// 2024, arXiv:2408.13656).
///
/// Every entry has a score `S`, and the model is `θ₀ + σ(S)∘τ`. Scores begin at `±bias`, above 0 where
/// the entry is among the largest of the whole vector, and descend along the task's loss and a penalty
/// on what is kept. In the end an entry is kept where its score is above 0.
public struct MaskLearner: Sendable {
    /// What keeps masks small.
    public enum Regulariser: String, Sendable, CaseIterable {
        /// The sum of `σ(S)`, as the paper says.
        case l1
        /// Scores are pushed away from 0, as the authors' code does.
        case polarise
    }

    /// How masks are learned.
    public struct Options: Sendable, Equatable {
        /// The share of entries whose scores begin above 0.
        public var initial = 1e-5
        /// The size of the first scores.
        public var bias = 5.0
        /// The step size, large because `σ′·τ·∂L/∂θ` is tiny.
        public var rate = 1e7
        /// The weight of the regulariser.
        public var l1 = 1.0
        /// What keeps masks small.
        public var regulariser = Regulariser.l1

        /// The paper's.
        public init() {}
    }

    private let pool: ModelPool
    private let options: Options
    private var scores: [String: Tensor] = [:]

    /// Begins with the largest entries of an expert, the only one of its pool.
    public init(_ pool: ModelPool, _ options: Options, workers: Workers) throws {
        (self.pool, self.options) = (pool, options)
        let count = pool.parameters.reduce(0) { $0 + $1.count }
        let rank = max(1, Int(options.initial * Double(count)))
        let threshold = try MagnitudeThresholds.of(ranks: [[rank]], in: pool, workers: workers) {
            try $0.differences(from: $0.base())
        }[0][0]
        let bias = Float(options.bias)
        let first = try workers.map(pool.parameters.count) { index in
            var vector = try Self.difference(pool.parameters[index])
            vector.trim(below: max(threshold, .leastNonzeroMagnitude))
            return vector.isNonzero * (2 * bias) - Tensor(vector.shape, repeating: bias)
        }
        for (parameter, tensor) in zip(pool.parameters, first) { scores[parameter.name] = tensor }
    }

    /// `θ₀ + σ(S)∘τ` of a parameter.
    public func value(of parameter: ModelPool.Parameter) throws -> Tensor {
        let base = try Self.base(parameter)
        guard let scores = scores[parameter.name] else { return base }
        return try base + Self.sigmoid(scores) * Self.difference(parameter)
    }

    /// Moves the scores along the gradients of the loss by the values of the parameters.
    public mutating func update(along gradients: [String: Tensor], _ workers: Workers) throws {
        let (current, options, parameters) = (scores, options, pool.parameters)
        let moved = try workers.map(parameters.count) { index -> Tensor? in
            let parameter = parameters[index]
            guard let old = current[parameter.name], let gradient = gradients[parameter.name]
            else { return nil }
            return Self.updated(
                old,
                vector: try Self.difference(parameter),
                gradient: gradient,
                options
            )
        }
        for (parameter, new) in zip(parameters, moved) {
            if let new { scores[parameter.name] = new }
        }
    }

    /// One step of scores, all of the same shape.
    public static func updated(
        _ scores: Tensor,
        vector: Tensor,
        gradient: Tensor,
        _ options: Options
    ) -> Tensor {
        let share = sigmoid(scores)
        let slope = share - share * share
        var step = (gradient * vector) * Float(options.rate)
        switch options.regulariser {
        case .l1: step.add(Tensor(scores.shape, repeating: Float(options.l1)))
        case .polarise: step.add(signs(of: scores), times: -Float(options.l1))
        }
        return scores - slope * step
    }

    /// What is kept of a parameter.
    public func mask(of name: String) -> BitMask? { scores[name].map { BitMask(positive: $0) } }

    /// `σ(x) = (1 + tanh(x / 2)) / 2`.
    private static func sigmoid(_ x: Tensor) -> Tensor {
        Activation.tanh(x * 0.5) * 0.5 + Tensor(x.shape, repeating: 0.5)
    }

    private static func signs(of x: Tensor) -> Tensor {
        let positive = x.clamped(to: 0...Float.greatestFiniteMagnitude).isNonzero
        return positive * 2 - x.isNonzero
    }

    private static func base(_ parameter: ModelPool.Parameter) throws -> Tensor {
        try MergeBlock(parameter: parameter, range: 0..<parameter.count).base()
            .reshaped(parameter.shape)
    }

    private static func difference(_ parameter: ModelPool.Parameter) throws -> Tensor {
        let block = MergeBlock(parameter: parameter, range: 0..<parameter.count)
        return try block.difference(0, from: block.base()).reshaped(parameter.shape)
    }
}
