public import Tensors
public import Tokenizers

/// Texts with a tokenizer, to be encoded into a file or into lines.
///
/// Rows are encoded as they are written, so memory does not grow with their number.
public struct TextEncoding: Sendable {
    private let tokenizer: Tokenizer
    private let inputs: TextInputs
    private let request: EncodingRequest
    private let workers: Workers
    private let observer: Observer

    /// Texts that are to be encoded.
    public init(
        _ inputs: TextInputs,
        with tokenizer: Tokenizer,
        as request: EncodingRequest = EncodingRequest(),
        workers: Workers = .all,
        observer: Observer = Observer()
    ) {
        (self.tokenizer, self.inputs, self.request) = (tokenizer, inputs, request)
        (self.workers, self.observer) = (workers, observer)
    }

    /// One row of the result.
    public struct Row: Sendable {
        /// The number of the text that it is from.
        public let text: Int
        /// Whether it is a piece that truncation cut off the text.
        public let isOverflow: Bool
        /// Its tokens.
        public let encoding: Encoding
    }

    /// What came of the texts.
    public struct Summary: Sendable, Encodable, Equatable {
        /// The number of texts, or pairs of texts.
        public var texts = 0
        /// The number of rows: more than texts where what is cut off is kept.
        public var rows = 0
        /// The tokens of the shortest row.
        public var shortest = 0
        /// The tokens of the longest row.
        public var longest = 0

        mutating func add(_ row: Row) {
            texts += row.isOverflow ? 0 : 1
            shortest = rows == 0 ? row.encoding.count : min(shortest, row.encoding.count)
            longest = max(longest, row.encoding.count)
            rows += 1
        }
    }
}

extension TextEncoding {
    /// Calls `body` with all rows in order, padded only where that is asked for.
    ///
    /// - Returns: what the rows are like.
    @discardableResult
    public func forEachRow(_ body: (Row) throws -> Void) throws -> Summary {
        var padding = try request.padding(for: tokenizer, unlessAsked: .none)
        if padding?.length == .longest { padding?.length = .fixed(try measure().longest) }
        return try forEachChunk("encoding", padding) { try $0.forEach(body) }
    }

    /// Whether what is cut off a text follows it in rows of its own.
    var keepsOverflow: Bool { request.stride != nil }

    /// What the rows are like before they are padded.
    func measure() throws -> Summary { try forEachChunk("measuring", nil) { _ in } }

    /// How rows of a tensor are filled, and the length that all then have.
    func rectangle(of rows: Summary) throws -> (padding: Padding?, length: Int) {
        var padding = try request.padding(for: tokenizer, unlessAsked: .longest)
        var length = rows.longest
        if case .fixed(let asked) = padding?.length { length = asked }
        if let multiple = padding?.multiple, multiple > 1, length % multiple > 0 {
            length += multiple - length % multiple
        }
        // Padding never cuts: rows that are longer stay as they are, and fit if all are so long.
        if rows.shortest == rows.longest { length = max(length, rows.longest) }
        guard rows.longest <= length, padding != nil || rows.shortest == length else {
            throw EncodingError.ragged(
                shortest: padding == nil ? rows.shortest : max(rows.shortest, length),
                longest: rows.longest
            )
        }
        padding?.length = .fixed(length)
        padding?.multiple = nil
        return (padding, length)
    }

    /// All rows in order, a few thousand at a time.
    func forEachChunk(
        _ title: String,
        _ padding: Padding?,
        _ body: ([Row]) throws -> Void
    ) throws -> Summary {
        // Enough work for each piece to be worth handing out, and few enough rows to keep.
        let (piece, chunk) = (64, 4096)
        let truncation = try request.truncation(for: tokenizer)
        let count = inputs.texts.count
        var summary = Summary()
        observer.begin(title, count)
        for start in stride(from: 0, to: count, by: chunk) {
            let texts = start..<min(start + chunk, count)
            let rows = try workers.map((texts.count + piece - 1) / piece) { index in
                let first = start + index * piece
                let part = first..<min(first + piece, texts.upperBound)
                defer { observer.advance(part.count) }
                return try self.rows(of: part, truncation, padding)
            }.flatMap(\.self)
            for row in rows { summary.add(row) }
            try body(rows)
        }
        return summary
    }

    private func rows(
        of texts: Range<Int>,
        _ truncation: Truncation?,
        _ padding: Padding?
    ) throws -> [Row] {
        guard !observer.isCancelled() else { throw CancellationError() }
        let encodings = try tokenizer.encodeBatch(
            Array(inputs.texts[texts]),
            addSpecialTokens: request.addsSpecialTokens,
            truncation: truncation,
            padding: padding
        )
        return zip(texts, encodings).flatMap { text, encoding in
            let overflow = keepsOverflow ? encoding.overflowing : []
            return [Row(text: text, isOverflow: false, encoding: encoding)]
                + overflow.map { Row(text: text, isOverflow: true, encoding: $0) }
        }
    }
}
