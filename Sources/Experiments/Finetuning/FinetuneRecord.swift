/// One line of `history.jsonl`: a step of fine-tuning, measured before its update.
public struct FinetuneRecord: Codable, Equatable, Sendable {
    /// How many updates were made before.
    public var step: Int
    /// The mean cross entropy of the batch, in nats.
    public var loss: Double
    /// The size of the step.
    public var rate: Double
    /// The Euclidean norm of the gradient, before it was shortened.
    public var gradientNorm: Double
    /// How long the step took.
    public var seconds: Double

    enum CodingKeys: String, CodingKey {
        case step, loss, rate, seconds
        case gradientNorm = "gradient_norm"
    }
}
