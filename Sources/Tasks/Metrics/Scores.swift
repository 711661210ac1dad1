/// How well a model does on examples.
///
/// What needs labels is `nil` where there are none, and absent from the JSON.
public struct Scores: Hashable, Codable, Sendable {
    /// The part of the examples whose most probable class is the right one.
    public let accuracy: Double?
    /// The ends of the 95 % interval of the accuracy: the lower and the upper one.
    public let interval: [Double]?
    /// The mean entropy of the predictions, in nats.
    public let entropy: Double
    /// The mean negative log-likelihood of the labels, in nats.
    public let loss: Double?
    /// The expected difference between confidence and accuracy; see ``CalibrationError``.
    public let calibrationError: Double?
    /// The number of examples.
    public let examples: Int

    enum CodingKeys: String, CodingKey {
        case accuracy, interval, entropy, loss, examples
        case calibrationError = "calibration_error"
    }

    /// The scores of examples without labels, from the entropy of each.
    public init(entropies: [Float]) {
        entropy = mean(entropies)
        examples = entropies.count
        (accuracy, interval, loss, calibrationError) = (nil, nil, nil, nil)
    }

    /// The scores of examples with labels, from the values of each in one order.
    ///
    /// - Parameters:
    ///   - entropies: the entropy of each prediction, in nats.
    ///   - losses: the negative log-likelihood of each label, in nats.
    ///   - predictions: the most probable class of each example.
    ///   - labels: the right class of each example.
    ///   - confidences: the probability of each prediction, where calibration is asked for.
    public init(
        entropies: [Float],
        losses: [Float],
        predictions: [Int],
        labels: [Int32],
        confidences: [Float]? = nil
    ) {
        let count = entropies.count
        precondition(
            losses.count == count && predictions.count == count && labels.count == count,
            "one value for each of \(count) examples"
        )
        let correct = zip(predictions, labels).count { $0 == Int($1) }
        let interval = WilsonInterval(successes: correct, trials: count)
        accuracy = count == 0 ? 0 : Double(correct) / Double(count)
        self.interval = [interval.lower, interval.upper]
        entropy = mean(entropies)
        loss = mean(losses)
        calibrationError = confidences.map { confidences in
            CalibrationError(
                confidences: confidences.map(Double.init),
                isCorrect: zip(predictions, labels).map { $0 == Int($1) }
            ).expected
        }
        examples = count
    }
}

/// The mean in double precision, summed in order: the same bits wherever it is computed.
private func mean(_ values: [Float]) -> Double {
    values.isEmpty ? 0 : values.reduce(0) { $0 + Double($1) } / Double(values.count)
}
