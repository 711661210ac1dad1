public import Autograd
internal import Tensors

/// What a model is given.
public enum ModelInput: Sendable {
    /// Texts.
    case tokens(TokenBatch)

    /// The number of examples.
    public var count: Int {
        switch self {
        case .tokens(let batch): batch.sequences.count
        }
    }

    /// The number of rows that pass through the model's blocks: its cost.
    public var tokens: Int {
        switch self {
        case .tokens(let batch): batch.sequences.tokens
        }
    }
}

/// What a model answers, under the names of the Hugging Face classes.
public struct ModelOutput: Sendable {
    /// What the rows of an output stand for.
    public enum Rows: Sendable {
        /// One row per example.
        case examples
        /// One row per token.
        case tokens
    }

    /// The outputs in the order in which the class documents them.
    public let values: [(name: String, value: Variable, rows: Rows)]

    /// The outputs of a model.
    public init(_ values: [(name: String, value: Variable, rows: Rows)]) { self.values = values }

    /// The output of a name.
    public subscript(name: String) -> Variable? { values.first { $0.name == name }?.value }
}

/// A model: a function of its input, built from its parameters.
public protocol Transformer: Sendable {
    /// Runs the model on a batch.
    func callAsFunction(_ input: ModelInput) throws -> ModelOutput
}
