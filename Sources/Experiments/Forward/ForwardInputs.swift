internal import Checkpoints
internal import Foundation
public import Tasks
public import Tensors
internal import Tokenizers
internal import Transformers

/// What a model is run on: examples as it reads them, and how long their padded rows are.
public struct ForwardInputs: Sendable {
    /// The examples: texts, or pictures.
    private let examples: EncodedExamples
    /// The texts that pictures are compared with, in a file that has both.
    private let captions: TokenBatch?
    /// The rows of an example where outputs are laid out as Hugging Face models have them: for
    /// texts as many as a row of the file has, or the longest text; for pictures their tokens.
    public let length: Int

    /// Reads a file of inputs: texts or pictures in any data format, a text a line, or tensors of
    /// token ids or pixels.
    ///
    /// - Throws: an error that names the file and every example that the model cannot read.
    public init(
        _ source: DataSource,
        for model: RunnableModel,
        workers: Workers,
        observer: Observer = Observer()
    ) throws {
        let (hasTexts, hasPictures) = try Self.tensors(in: source)
        let readsPictures = try model.architecture.pictures(configuration: model.configuration)
        if hasPictures, !hasTexts, readsPictures == nil { throw ModelInputError.expectsTokens }
        var texts = source
        texts.prefersTexts = true
        let isText = hasTexts && !hasPictures || TextInputs.isPlainText(source)
        guard readsPictures != nil, !isText else {
            (examples, length) = try Self.texts(texts, for: model, workers: workers)
            captions = nil
            return
        }
        let inputs = try Dataset(source).onlySplit()
        examples = try model.encoder(skipsBroken: source.skipsBroken).encode(
            inputs,
            of: source.path.lastPathComponent,
            workers: workers,
            observer: observer
        )
        length = examples.lengths.max() ?? 0
        captions =
            try hasTexts
            ? Self.tokens(of: Self.texts(texts, for: model, workers: workers).examples) : nil
    }

    /// Whether a file of tensors holds texts, and whether it holds pictures.
    private static func tensors(in source: DataSource) throws -> (texts: Bool, pictures: Bool) {
        let format = source.format ?? source.path.pathExtension
        guard format.lowercased() == "safetensors" else { return (false, false) }
        let file = try Checkpoint(at: source.path)
        return (file["input_ids"] != nil, file["pixel_values"] != nil)
    }

    private static func tokens(of examples: EncodedExamples) -> TokenBatch? {
        if case .texts(let tokens) = examples.content { tokens } else { nil }
    }

    private static func texts(
        _ source: DataSource,
        for model: RunnableModel,
        workers: Workers
    ) throws -> (examples: EncodedExamples, length: Int) {
        let encoder = try model.textEncoder(maximumLength: source.maximumLength)
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
    public var count: Int { examples.count }

    /// The number of tokens of all inputs, padding not counted.
    public var tokens: Int {
        examples.lengths.reduce(0, +) + (captions?.ids.count ?? 0)
    }

    /// The examples in portions whose outputs are complete before the next is begun.
    ///
    /// Every picture is compared with every text, so these go through the model at once.
    var portions: [Range<Int>] {
        if captions != nil { return [0..<count] }
        return stride(from: 0, to: count, by: 1024).map { $0..<min($0 + 1024, count) }
    }

    /// Cuts a portion into the examples that go through the model together, of each their positions.
    func pieces(of portion: Range<Int>) -> [[Int]] {
        guard captions == nil else { return [Array(portion)] }
        return examples.microBatches(of: Array(portion)).map { piece in
            piece.positions.map { portion.lowerBound + $0 }
        }
    }

    /// What a model reads of some examples.
    func piece(_ positions: [Int]) throws -> ForwardPiece {
        var input = try examples.input(positions)
        if let captions, case .pixels(let pixels) = input {
            input = .pair(pixels: pixels, tokens: captions)
        }
        return ForwardPiece(examples: positions, input: input)
    }
}
