/// How far a model's confidence is from its accuracy (Guo et al., 2017, arXiv:1706.04599).
///
/// Predictions are sorted by the probability of their class into bins of equal width,
/// ((m − 1)/M, m/M]. The expected calibration error is Σ nₘ/n · |accuracyₘ − confidenceₘ|. It depends on
/// the number of bins, and with few examples it is not 0 even for a model that is calibrated.
public struct CalibrationError: Hashable, Sendable {
    /// The predictions of about one confidence.
    public struct Bin: Hashable, Sendable {
        /// How many predictions there are.
        public internal(set) var count = 0
        /// Their mean confidence; 0 without predictions.
        public internal(set) var confidence = 0.0
        /// The part of them that is right; 0 without predictions.
        public internal(set) var accuracy = 0.0
    }

    /// The bins, from the least confidence to the largest.
    public let bins: [Bin]

    /// Sorts predictions into bins.
    ///
    /// - Parameters:
    ///   - confidences: the probability of each prediction's class, 0 … 1.
    ///   - isCorrect: whether each prediction is right.
    ///   - count: the number of bins; 15 in the paper.
    public init(confidences: [Double], isCorrect: [Bool], bins count: Int = 15) {
        precondition(confidences.count == isCorrect.count, "one answer for each confidence")
        precondition(count > 0, "\(count) bins")
        var bins = [Bin](repeating: Bin(), count: count)
        for (confidence, isCorrect) in zip(confidences, isCorrect) where !confidence.isNaN {
            let place = (min(max(confidence, 0), 1) * Double(count)).rounded(.up)
            let index = max(Int(place) - 1, 0)
            bins[index].count += 1
            bins[index].confidence += confidence
            bins[index].accuracy += isCorrect ? 1 : 0
        }
        for index in bins.indices where bins[index].count > 0 {
            bins[index].confidence /= Double(bins[index].count)
            bins[index].accuracy /= Double(bins[index].count)
        }
        self.bins = bins
    }

    /// The expected calibration error; 0 without predictions.
    public var expected: Double {
        let count = bins.reduce(0) { $0 + $1.count }
        return bins.reduce(0) {
            $0 + Double($1.count) / Double(max(count, 1)) * abs($1.accuracy - $1.confidence)
        }
    }
}
