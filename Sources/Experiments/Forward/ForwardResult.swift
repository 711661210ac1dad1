/// What running a model over inputs gave.
public struct ForwardResult: Sendable, Encodable, Equatable {
    /// An output of the model, as it stands in the file.
    public struct Output: Sendable, Encodable, Equatable {
        /// Its name in the Hugging Face class.
        public let name: String
        /// `[examples, …]`, or `[examples, length, …]` where tokens have outputs of their own.
        public let shape: [Int]
    }

    /// The number that was differentiated.
    public struct Objective: Sendable, Encodable, Equatable {
        /// `mean_entropy` or `inner_product`.
        public let name: String
        /// Its value; entropies are in nats.
        public let value: Double
    }

    /// The class of the model.
    public let architecture: String
    /// The number of examples.
    public let examples: Int
    /// The number of their tokens, padding not counted.
    public let tokens: Int
    /// What the file of outputs holds.
    public let outputs: [Output]
    /// What the file of gradients holds the derivatives of, where there is one.
    public let objective: Objective?
}

/// Why a model could not be run or differentiated as asked.
public enum ForwardError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The model has no logits to take the entropy of.
    case noLogits(outputs: [String])
    /// A file of cotangents holds something other than one tensor.
    case cotangentCount(file: String, names: [String])
    /// A cotangent is called as no output of the model.
    case cotangentName(file: String, name: String, outputs: [String])
    /// A cotangent has another shape than the output.
    case cotangentShape(file: String, name: String, expected: [Int], found: [Int])

    /// One sentence: what is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .noLogits(let outputs):
            "The model has no logits whose entropy could be differentiated, but "
                + "\(outputs.joined(separator: " and ")); give --cotangent FILE with a tensor of "
                + "that name."
        case .cotangentCount(let file, let names):
            "\(file) should hold one tensor, called as an output of the model; found "
                + (names.isEmpty ? "none." : names.prefix(8).joined(separator: ", ") + ".")
        case .cotangentName(let file, let name, let outputs):
            "\(file) holds the tensor \(name), but the model gives "
                + "\(outputs.joined(separator: " and ")); name the tensor as the output."
        case .cotangentShape(let file, let name, let expected, let found):
            "\(file): \(name) has the shape \(found), but the output has \(expected); "
                + "make it for these inputs."
        }
    }
}
