internal import Foundation
public import Tasks
public import Tensors
internal import Tokenizers
internal import Transformers

/// What a model is run on: examples as it reads them, and how long their padded rows are.
public struct ForwardInputs: Sendable {
    private enum Content: Sendable {
        case texts(EncodedExamples)
        case pictures(ForwardPictures)
        case pairs(ForwardPictures, EncodedExamples)
    }

    private let content: Content
    /// The rows of an example where outputs are laid out as Hugging Face models have them: for
    /// texts as many as a row of the file has, or the longest text; for pictures their tokens.
    public let length: Int

    /// Reads a file of inputs: texts in any data format, a text a line, or tensors of token ids or
    /// pixels.
    ///
    /// - Throws: an error that names the file and every example that the model cannot read.
    public init(_ source: DataSource, for model: RunnableModel, workers: Workers) throws {
        if let pictures = try ForwardPictures(source, for: model) {
            length = pictures.tokens
            content =
                pictures.haveTexts
                ? .pairs(pictures, try Self.texts(source, for: model, workers: workers).examples)
                : .pictures(pictures)
            return
        }
        let (examples, length) = try Self.texts(source, for: model, workers: workers)
        (content, self.length) = (.texts(examples), length)
    }

    private static func texts(
        _ source: DataSource,
        for model: RunnableModel,
        workers: Workers
    ) throws -> (examples: EncodedExamples, length: Int) {
        let encoder = try model.encoder(maximumLength: source.maximumLength)
        guard !TextInputs.isPlainText(source) else {
            guard let tokenizer = try model.tokenizer() else {
                throw DataError.noTokenizer(source.path.path)
            }
            let truncation = encoder.maximumLength.map { Truncation(maximumLength: $0) }
            let texts = try TextInputs(source).texts
            let encodings = try workers.map(texts.count) {
                try tokenizer.encode(texts[$0].text, truncation: truncation)
            }
            let empty = encodings.indices.filter { encodings[$0].ids.isEmpty }.map { $0 + 1 }
            guard empty.isEmpty else { throw InputError.noTokens(source.path.path, lines: empty) }
            let tokens = TokenBatch(encodings.map(\.ids), typeIDs: encodings.map(\.typeIDs))
            return (EncodedExamples(tokens: tokens), encodings.map(\.count).max() ?? 0)
        }
        let inputs = try Dataset(source).onlySplit()
        let examples = try encoder.encode(inputs, workers: workers)
        let rows = inputs.inputs.map { input in
            if case .tokens(let row) = input { row.ids.count } else { 0 }
        }
        return (examples, (rows + examples.lengths).max() ?? 0)
    }
}

extension ForwardInputs {
    /// The number of examples.
    public var count: Int {
        switch content {
        case .texts(let examples): examples.count
        case .pictures(let pictures), .pairs(let pictures, _): pictures.count
        }
    }

    /// The number of tokens of all inputs, padding not counted.
    public var tokens: Int {
        switch content {
        case .texts(let examples): examples.tokens.ids.count
        case .pictures(let pictures): pictures.count * pictures.tokens
        case .pairs(let pictures, let texts):
            pictures.count * pictures.tokens + texts.tokens.ids.count
        }
    }

    /// The examples in portions whose outputs are complete before the next is begun.
    ///
    /// Every picture is compared with every text, so these go through the model at once.
    var portions: [Range<Int>] {
        if case .pairs = content { return [0..<count] }
        return stride(from: 0, to: count, by: 1024).map { $0..<min($0 + 1024, count) }
    }

    /// Cuts a portion into the examples that go through the model together, of each their positions.
    func pieces(of portion: Range<Int>) -> [[Int]] {
        switch content {
        case .texts(let examples):
            examples.microBatches(of: Array(portion)).map { piece in
                piece.positions.map { portion.lowerBound + $0 }
            }
        case .pictures(let pictures): pictures.pieces(of: portion)
        case .pairs: [Array(portion)]
        }
    }

    /// What a model reads of some examples.
    func piece(_ examples: [Int]) throws -> ForwardPiece {
        let input: ModelInput =
            switch content {
            case .texts(let texts): .tokens(texts.batch(examples))
            case .pictures(let pictures): .pixels(try pictures.pixels(examples))
            case .pairs(let pictures, let texts):
                .pair(pixels: try pictures.pixels(examples), tokens: texts.tokens)
            }
        return ForwardPiece(examples: examples, input: input)
    }
}
