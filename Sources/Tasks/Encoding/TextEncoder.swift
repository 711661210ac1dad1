public import Tensors
public import Tokenizers
internal import Transformers

/// Turns examples into what a model reads, once, before it reads them many times.
///
/// Texts are tokenized and cut to the model's length, of pairs the longer text first; examples
/// that are tokens already are taken as they are. Nothing is padded.
public struct TextEncoder: Sendable {
    /// The most tokens of an example, special ones among them; `nil` where nothing sets a limit.
    public let maximumLength: Int?
    private let tokenizer: Tokenizer?
    private let limits: TextLimits

    /// An encoder for a model.
    ///
    /// - Parameters:
    ///   - tokenizer: what texts are tokenized with; `nil` suffices for examples that are tokens.
    ///   - limits: the sizes of the model's tables.
    ///   - maximumLength: the most tokens of an example; `nil` takes what the tokenizer's
    ///     directory says or what the model reads, whichever is less.
    /// - Throws: ``DataError`` where the length is more than the model reads.
    public init(
        tokenizer: Tokenizer?,
        limits: TextLimits,
        maximumLength: Int? = nil
    ) throws(DataError) {
        if let length = maximumLength, length < 1 || length > limits.positions ?? .max {
            throw .maximumLength(length, limit: limits.positions)
        }
        self.tokenizer = tokenizer
        self.limits = limits
        self.maximumLength =
            maximumLength
            ?? [tokenizer?.maximumLength, limits.positions].compactMap { $0 }.min()
    }

    /// Encodes all examples.
    ///
    /// - Throws: ``DataError`` with every example that the model cannot read, `TokenizerError`
    ///   where the length has no room for the special tokens.
    public func encode(
        _ examples: UnlabeledExamples,
        workers: Workers = .all
    ) throws -> EncodedExamples {
        // Enough work for each piece to be worth handing out, and enough pieces for all workers.
        let size = 64
        let count = examples.count
        let pieces = try workers.map((count + size - 1) / size) { piece in
            try encode(examples, range: piece * size..<min((piece + 1) * size, count))
        }
        var faults = LineFaults()
        for piece in pieces { faults.add(piece.faults) }
        guard faults.isEmpty else {
            throw DataError.faults(examples.selection.file, examples.place, faults)
        }
        return EncodedExamples(tokens: TokenBatch(joining: pieces.map(\.tokens)))
    }
}

extension TextEncoder {
    private func encode(
        _ examples: UnlabeledExamples,
        range: Range<Int>
    ) throws -> (tokens: TokenBatch, faults: LineFaults) {
        var faults = LineFaults()
        let texts = try range.map { index in
            let batch: TokenBatch
            switch examples.inputs[index] {
            case .text(let text, let pair):
                guard let tokenizer else {
                    throw DataError.noTokenizer(examples.selection.file)
                }
                let truncation = maximumLength.map { Truncation(maximumLength: $0) }
                let encoding = try tokenizer.encode(text, pair: pair, truncation: truncation)
                batch = TokenBatch([encoding.ids], typeIDs: [encoding.typeIDs])
            case .tokens(let row):
                batch = TokenBatch(
                    padded: row.ids,
                    length: row.ids.count,
                    mask: row.mask,
                    typeIDs: row.typeIDs
                )
            case .pictureFile, .samples, .pixels:
                throw DataError.otherKind(examples.selection.file, expected: "texts")
            }
            if let problem = problem(of: batch) { faults.add(problem, at: examples.lines[index]) }
            return batch
        }
        return (TokenBatch(joining: texts), faults)
    }

    /// Why the model cannot read an encoded example, `nil` where it can.
    private func problem(of batch: TokenBatch) -> LineProblem? {
        func outside(_ numbers: [Int32], _ limit: Int?) -> Int? {
            guard let limit else { return nil }
            return numbers.first { $0 >= limit }.map(Int.init)
        }
        if batch.ids.isEmpty { return .noTokens }
        let length = Int(batch.positions.max() ?? 0) + 1
        if let limit = maximumLength, length > limit {
            return .tooManyTokens(length, limit: limit)
        }
        if let id = outside(batch.ids, limits.vocabulary), let limit = limits.vocabulary {
            return .outOfRange(tensor: "input_ids", value: id, limit: limit)
        }
        if let type = outside(batch.typeIDs, limits.types), let limit = limits.types {
            return .outOfRange(tensor: "token_type_ids", value: type, limit: limit)
        }
        return nil
    }
}
