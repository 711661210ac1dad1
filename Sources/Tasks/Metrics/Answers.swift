/// What a model answers to examples, a value for each: all that scores and comparisons are made of.
public struct Answers: Sendable, Equatable {
    /// The most probable class of each example.
    public let predictions: [Int32]
    /// The probability of that class.
    public let confidences: [Float]
    /// The entropy of each prediction, in nats.
    public let entropies: [Float]
    /// The negative log-likelihood of each label, in nats, where there are labels.
    public let losses: [Float]?
    /// The right class of each example, where it is known.
    public let labels: [Int32]?

    /// Answers with one value of each kind for every example.
    public init(
        predictions: [Int32],
        confidences: [Float],
        entropies: [Float],
        losses: [Float]? = nil,
        labels: [Int32]? = nil
    ) {
        let counts = [
            confidences.count, entropies.count, losses?.count ?? predictions.count,
            labels?.count ?? predictions.count,
        ]
        precondition(
            counts.allSatisfy { $0 == predictions.count } && (losses == nil) == (labels == nil),
            "one value for each of \(predictions.count) examples"
        )
        (self.predictions, self.confidences) = (predictions, confidences)
        (self.entropies, self.losses, self.labels) = (entropies, losses, labels)
    }

    /// The number of examples.
    public var count: Int { predictions.count }

    /// Whether each prediction is right, where that is known.
    public var isRight: [Bool]? {
        labels.map { labels in zip(predictions, labels).map { $0 == $1 } }
    }

    /// The answers to the examples at some positions, in that order.
    public func selecting(_ positions: [Int]) -> Answers {
        Answers(
            predictions: positions.map { predictions[$0] },
            confidences: positions.map { confidences[$0] },
            entropies: positions.map { entropies[$0] },
            losses: losses.map { losses in positions.map { losses[$0] } },
            labels: labels.map { labels in positions.map { labels[$0] } }
        )
    }
}

extension Scores {
    /// The scores of answers.
    public init(_ answers: Answers) {
        guard let labels = answers.labels, let losses = answers.losses else {
            self.init(entropies: answers.entropies)
            return
        }
        self.init(
            entropies: answers.entropies,
            losses: losses,
            predictions: answers.predictions.map(Int.init),
            labels: labels,
            confidences: answers.confidences
        )
    }
}
