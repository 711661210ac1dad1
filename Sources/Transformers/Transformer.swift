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
        case example
        /// One row per token.
        case token
    }

    /// One output.
    public struct Entry: Sendable {
        /// Its name in the Hugging Face class.
        public let name: String
        /// The numbers, one row per example or token.
        public let value: Variable
        /// What a row stands for.
        public let rows: Rows

        /// An output.
        public init(_ name: String, _ value: Variable, per rows: Rows) {
            (self.name, self.value, self.rows) = (name, value, rows)
        }
    }

    /// The outputs in the order in which the class documents them.
    public let entries: [Entry]

    /// The outputs of a model.
    public init(_ entries: [Entry]) { self.entries = entries }

    /// The output of a name.
    public subscript(name: String) -> Variable? { entries.first { $0.name == name }?.value }
}

/// A model: a function of its input, built from its parameters.
public protocol Transformer: Sendable {
    /// Runs the model on a batch.
    func callAsFunction(_ input: ModelInput) throws -> ModelOutput
}
