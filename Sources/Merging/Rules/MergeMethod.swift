public import Tensors

/// What a method is, for people: the source of `merganser methods` and of its checks.
public struct MethodCard: Sendable {
    /// What a method needs besides the experts.
    public enum Need: String, Sendable {
        /// The model that the experts were fine-tuned from.
        case base
        /// Unlabeled inputs of each task.
        case unlabeledData = "unlabeled data"
    }

    /// A property that a method has and its tests check.
    public enum Law: String, Sendable, CaseIterable {
        /// Copies of one model merge to that model.
        case copiesMergeToThemselves
        /// The order of the models makes no difference.
        case orderDoesNotMatter
        /// Zero weights give the base.
        case zeroWeightsGiveBase
    }

    /// The name in a recipe.
    public let name: String
    /// What it does, in one line.
    public let summary: String
    /// The equation, as plain text.
    public let equation: String
    /// Authors, year, title and arXiv id.
    public let source: String
    /// What it needs besides the experts.
    public let needs: [Need]
    /// The options of the merge and of its models.
    public let options: [MergeOption]
    /// Keys of mergekit's schema that are accepted and make no difference.
    public let accepted: [String]
    /// What it promises.
    public let laws: Set<Law>
    /// A recipe.
    public let example: String

    init(
        _ name: String,
        summary: String,
        equation: String,
        source: String,
        needs: [Need],
        options: [MergeOption],
        accepted: [String] = [],
        laws: Set<Law>,
        example: String
    ) {
        (self.name, self.summary, self.equation) = (name, summary, equation)
        (self.source, self.needs, self.options) = (source, needs, options)
        (self.accepted, self.laws, self.example) = (accepted, laws, example)
    }
}

/// One block of one parameter, as a rule sees it.
public struct MergeBlock: Sendable {
    let parameter: ModelPool.Parameter
    let range: Range<Int>
    /// The base's elements; `nil` without a base.
    let base: Tensor?

    /// `θₖ` of every model.
    func models() throws -> [Tensor] {
        try parameter.experts.map {
            try $0.elements(in: range, base: base, shape: parameter.shape)
        }
    }

    /// `τₖ = θₖ − θ₀` of every model.
    func differences() throws -> [Tensor] {
        guard let base else { throw MergeError.missingBase(method: "a task-vector method") }
        return try parameter.experts.map {
            try $0.difference(in: range, base: base, shape: parameter.shape)
        }
    }
}

/// A merge method: its card, and how it combines parameters.
public struct MergeMethod: Sendable {
    /// Combines one block of a parameter.
    public typealias Rule = @Sendable (MergeBlock) throws -> Tensor
    /// Reads a parameter's options, and whatever the method must know of the parameter as a whole.
    public typealias Plan = @Sendable (ModelPool.Parameter) throws -> Rule

    /// How a method comes to its result.
    public enum Kind: Sendable {
        /// By a rule. The function looks at the whole pool where the method must, and returns a plan.
        case rule(@Sendable (ModelPool, MergeOptions, Workers) throws -> Plan)
        /// By learning coefficients, of task vectors that are prepared first.
        case learned(@Sendable (ModelPool, Double, Workers) throws -> any TaskVectors)
    }

    /// What the method is.
    public let card: MethodCard
    /// How it comes to its result.
    public let kind: Kind

    /// The rule for every parameter of a pool, under a recipe's options.
    public func plan(
        _ pool: ModelPool,
        options: any OptionSource,
        workers: Workers
    ) throws -> Plan {
        if card.needs.contains(.base), !pool.hasBase {
            throw MergeError.missingBase(method: card.name)
        }
        switch kind {
        case .rule(let prepare): return try prepare(pool, MergeOptions(options, of: card), workers)
        case .learned: throw MergeError.learnedMethod(card.name)
        }
    }
}

extension MergeMethod {
    /// Combines a whole parameter, block by block.
    public static func merge(_ parameter: ModelPool.Parameter, by rule: Rule) throws -> Tensor {
        try Tensor(parameter.shape) { output in
            for range in Blocks.of(shape: parameter.shape) {
                let block = MergeBlock(
                    parameter: parameter,
                    range: range,
                    base: try parameter.base?.block(range)
                )
                try rule(block).withSpan { span in
                    for i in span.indices { output.append(span[i]) }
                }
            }
        }
    }
}

/// Every merge method.
public enum MergeMethods {
    /// The table: a new method is one file and one line here.
    public static let all: [MergeMethod] = [
        .linear,
        .taskArithmetic,
        .ties,
        .adaMerging,
        .adaMergingPlusPlus,
    ]

    /// The method of a name.
    public static func named(_ name: String) throws -> MergeMethod {
        guard let method = all.first(where: { $0.card.name == name }) else {
            let known = all.map(\.card.name)
            throw MergeError.unknownMethod(found: name, nearest: nil, known: known)
        }
        return method
    }
}
