internal import Foundation
public import Tasks
public import Tensors
internal import Tokenizers
internal import Transformers

/// What a model is run on: examples as it reads them, and how long their padded rows are.
public struct ForwardInputs: Sendable {
    /// The tokens of all examples, without padding.
    public let examples: EncodedExamples
    /// The length of a row where outputs are laid out as Hugging Face models have them: that of
    /// the file's rows, or of the longest text.
    public let length: Int

    /// Reads a file of inputs: texts in any data format, a text a line, or tensors of token ids.
    ///
    /// - Throws: an error that names the file and every example that the model cannot read.
    public init(_ source: DataSource, for model: RunnableModel, workers: Workers) throws {
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
            examples = EncodedExamples(tokens: tokens)
            length = encodings.map(\.count).max() ?? 0
            return
        }
        let inputs = try Dataset(source).onlySplit()
        examples = try encoder.encode(inputs, workers: workers)
        let rows = inputs.inputs.map { input in
            if case .tokens(let row) = input { row.ids.count } else { 0 }
        }
        length = (rows + examples.lengths).max() ?? 0
    }
}
