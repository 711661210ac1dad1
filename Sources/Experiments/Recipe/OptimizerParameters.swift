/// How gradients become steps, as a recipe says it.
public struct OptimizerParameters: Equatable, Sendable {
    /// A rule of descent.
    public enum Rule: String, CaseIterable, Sendable {
        /// Adam, with weight decay added to the gradient.
        case adam
        /// Adam, with weight decay applied to the parameter itself.
        case adamw
        /// Stochastic gradient descent with momentum.
        case sgd
    }

    /// The rule.
    public var rule: Rule
    /// The largest step size.
    public var learningRate: Double
    /// How slowly Adam's mean of gradients changes.
    public var beta1 = 0.9
    /// How slowly Adam's mean of squared gradients changes.
    public var beta2 = 0.999
    /// What Adam adds to the root of that mean.
    public var epsilon = 1e-8
    /// The share of the last step that the next one repeats, for `sgd`.
    public var momentum = 0.0
    /// The weight decay.
    public var weightDecay = 0.0

    /// A rule with its customary constants.
    public init(_ rule: Rule = .adam, learningRate: Double, weightDecay: Double = 0) {
        self.rule = rule
        self.learningRate = learningRate
        self.weightDecay = weightDecay
    }
}

extension OptimizerParameters {
    /// A constant of some rules: its key, where it is kept, what it may be, and whose it is.
    private typealias Constant = (
        key: String, path: WritableKeyPath<Self, Double>, range: NumberRange, rules: [Rule]
    )

    private static var constants: [Constant] {
        [
            ("beta1", \.beta1, .belowOne, [.adam, .adamw]),
            ("beta2", \.beta2, .belowOne, [.adam, .adamw]),
            ("epsilon", \.epsilon, .positive, [.adam, .adamw]),
            ("momentum", \.momentum, .belowOne, [.sgd]),
        ]
    }

    /// Reads the keys of an optimizer; a constant that its rule has no use for is reported.
    static func read(_ map: MapReader, defaults: OptimizerParameters) -> OptimizerParameters {
        var parameters = defaults
        if let rule: Rule = map["optimizer"]?.choice(), rule != defaults.rule {
            parameters.rule = rule
            parameters.weightDecay = rule == .adamw ? 0.01 : 0
        }
        parameters.learningRate = map["learning_rate"]?.number(.positive) ?? defaults.learningRate
        if let decay = map["weight_decay"]?.number(.nonnegative) { parameters.weightDecay = decay }
        for (key, path, range, rules) in constants {
            guard let value = map[key] else { continue }
            if !rules.contains(parameters.rule) {
                let names = rules.map { "`\($0.rawValue)`" }.joined(separator: " or ")
                value.report(.noEffect(condition: "with `optimizer` \(names)"))
            } else if let number = value.number(range) {
                parameters[keyPath: path] = number
            }
        }
        return parameters
    }

    var document: [(key: String, value: DocumentValue?)] {
        let own = Self.constants.filter { $0.rules.contains(rule) }
        return [("optimizer", .text(rule.rawValue)), ("learning_rate", .number(learningRate))]
            + own.map { ($0.key, .number(self[keyPath: $0.path])) }
            + [("weight_decay", .number(weightDecay))]
    }
}
