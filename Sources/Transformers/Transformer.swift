public import Autograd
public import Tensors

/// What a model is given.
public enum ModelInput: Sendable {
    /// Texts.
    case tokens(TokenBatch)
    /// Pictures: `[pictures, channels, height, width]`.
    case pixels(Tensor)
    /// Pictures, and the texts that each of them is compared with.
    case pair(pixels: Tensor, tokens: TokenBatch)

    /// The number of examples; texts that pictures are compared with are none.
    public var count: Int {
        switch self {
        case .tokens(let batch): batch.sequences.count
        case .pixels(let pixels), .pair(let pixels, _): pixels.shape[0]
        }
    }
}

/// What a model answers, under the names of the Hugging Face classes.
///
/// What nobody asks for costs nothing: an answer that is read off one token of each sequence does
/// not need the others' way through the last block.
public struct ModelOutput: Sendable {
    /// What the rows of an output stand for.
    public enum Rows: Sendable {
        /// One row per example.
        case example
        /// One row per token of a text or picture.
        case token
        /// One row per text that the examples, which are pictures, are compared with.
        case text
    }

    /// One output.
    public struct Entry: Sendable {
        /// Its name in the Hugging Face class.
        public let name: String
        /// What a row stands for.
        public let rows: Rows
        private let compute: @Sendable () -> Variable

        /// An output, which is computed each time that it is asked for.
        public init(
            _ name: String,
            per rows: Rows,
            _ value: @autoclosure @escaping @Sendable () -> Variable
        ) {
            (self.name, self.rows, compute) = (name, rows, value)
        }

        /// The numbers, row by row.
        public var value: Variable { compute() }
    }

    /// The outputs in the order in which the class documents them.
    public let entries: [Entry]

    /// The stack of blocks that they come from; `nil` where there are several.
    public let trunk: Trunk?
    private let read: Deferred<Variable>?

    /// The outputs of a model.
    public init(_ entries: [Entry]) { self.init(entries, trunk: nil) }

    init(_ entries: [Entry], trunk: Trunk?, features: Deferred<Variable>? = nil) {
        (self.entries, self.trunk, read) = (entries, trunk, features)
    }

    /// The outputs of a model, and others that are made of them.
    ///
    /// `features` are those that the last of them were made of, `[examples, width]`.
    public func adding(_ more: [Entry], from features: Variable) -> ModelOutput {
        ModelOutput(entries + more, trunk: trunk, features: Deferred { features })
    }

    /// What the classifier reads of each example, `[examples, width]`; `nil` where there is no
    /// classifier, or several.
    public var features: Variable? { read?.value }

    /// The output of a name.
    public subscript(name: String) -> Variable? { entries.first { $0.name == name }?.value }
}

/// A model: a function of its input, built from its parameters.
public protocol Transformer: Sendable {
    /// Runs the model on a batch.
    func callAsFunction(_ input: ModelInput) throws -> ModelOutput
    /// The pictures that the model reads; `nil` where it reads none.
    var pictures: PictureShape? { get }
}

extension Transformer {
    /// Most models read texts alone.
    public var pictures: PictureShape? { nil }
}
