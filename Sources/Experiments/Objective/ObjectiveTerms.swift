/// What learned coefficients minimise.
public enum ObjectiveKind: String, Sendable, CaseIterable, Codable {
    /// Mean entropy of the predictions (arXiv:2310.02575).
    case entropy
    /// Divergence from the expert's own predictions on the same inputs.
    case agreement
    /// Negative log-likelihood of the labels.
    case crossEntropy = "cross_entropy"
}

/// What stands beside the loss of each example, as multiples of it.
public struct ObjectiveTerms: Equatable, Sendable {
    /// What is minimised.
    public var kind = ObjectiveKind.entropy
    /// How much the entropy of the mean prediction of a batch counts, which is to be large: classes
    /// that nobody is given any more are missed (information maximisation, arXiv:2002.08546).
    public var diversity = 0.0
    /// How much the distance of the features that the classifier reads to the expert's counts, as a
    /// share of their mean square.
    public var features = 0.0

    /// The terms that AdaMerging was published with.
    public init() {}

    /// What is asked of the experts before the first step.
    var targets: [Predictions.Reading] {
        (kind == .agreement ? [.logits] : []) + (features > 0 ? [.features] : [])
    }
}
