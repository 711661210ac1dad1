import Checkpoints
import Experiments
import Foundation
import Tasks
import Tensors
import TestSupport
import Testing
import Tokenizers

/// A line of `encode.jsonl`.
private struct BatchCase: Decodable {
    struct Input: Codable {
        let text: String
        let text_pair: String?
    }
    struct Truncation: Decodable {
        let max_length, stride: Int
        let strategy, direction: String
    }
    struct Padding: Decodable {
        let length, pad_to_multiple_of: Int?
        let pad_type_id: Int32
        let direction: String
    }
    struct Window: Decodable { let input_ids: [Int32] }
    let batch: [Input]
    let add_special_tokens: Bool
    let truncation: Truncation?
    let padding: Padding?
    let input_ids, token_type_ids, attention_mask: [[Int64]]
    let overflowing: [[Window]]?

    var request: EncodingRequest {
        var request = EncodingRequest()
        request.addsSpecialTokens = add_special_tokens
        request.maximumLength = truncation?.max_length
        request.truncation = truncation.flatMap { .init(rawValue: $0.strategy) }
        request.stride = truncation.flatMap { $0.stride > 0 ? $0.stride : nil }
        request.truncationSide = truncation.flatMap { Side(rawValue: $0.direction) }
        request.padding = EncodingRequest.Filling.none
        if let padding { request.padding = padding.length.map { .fixed($0) } ?? .longest }
        request.multiple = padding?.pad_to_multiple_of
        request.paddingSide = padding.flatMap { Side(rawValue: $0.direction) }
        request.paddingType = padding?.pad_type_id
        return request
    }
}

private let references = ReferenceCase.lines(of: "encode.jsonl")

extension ReferenceCase {
    /// The directories of tokenizers with a file of batches.
    fileprivate static func lines(of file: String) -> [URL] {
        let fixtures = Golden.repository.appending(path: "Tests/Fixtures/tokenizer")
        let goldens = Golden.directory?.appending(path: "tokenize")
        let directories = [
            fixtures.appending(path: "uncased"), fixtures.appending(path: "cased"),
            goldens?.appending(path: "bert-uncased"),
        ]
        return directories.compactMap(\.self).filter {
            FileManager.default.fileExists(atPath: $0.appending(path: file).path)
        }
    }
}

@Suite struct `Encoding agrees with the tokenizers library` {
    let folder: WorkingFolder

    init() throws { folder = try WorkingFolder() }

    /// The batches of a directory, each with its inputs as a file and its tokenizer.
    private func forEachBatch(
        _ directory: URL,
        _ body: (BatchCase, TextEncoding) throws -> Void
    ) throws {
        let tokenizer = try Tokenizer(directory: directory)
        let lines = try Data(contentsOf: directory.appending(path: "encode.jsonl"))
            .split(separator: UInt8(ascii: "\n"))
        for line in lines {
            let reference = try JSONDecoder().decode(BatchCase.self, from: line)
            let inputs = try reference.batch.map {
                String(decoding: try JSONEncoder().encode($0), as: UTF8.self)
            }
            let file = try folder.write(inputs.joined(separator: "\n"), to: "inputs.jsonl")
            let encoding = TextEncoding(
                try TextInputs(DataSource(path: file)),
                with: tokenizer,
                as: reference.request
            )
            try body(reference, encoding)
        }
    }

    @Test(arguments: references)
    func `lines have the reference's ids, and tokens of equal number`(directory: URL) throws {
        struct Line: Decodable {
            let ids: [Int64]
            let tokens: [String]
        }
        let tokenizer = try Tokenizer(directory: directory)
        try forEachBatch(directory) { reference, encoding in
            var rows: [TextEncoding.Row] = []
            try encoding.forEachRow { rows.append($0) }
            let firsts = rows.filter { !$0.isOverflow }
            #expect(firsts.map { $0.encoding.ids.map(Int64.init) } == reference.input_ids)
            #expect(firsts.map(\.text) == Array(reference.batch.indices))
            if let windows = reference.overflowing, reference.truncation?.stride ?? 0 > 0 {
                let found = rows.filter(\.isOverflow).map(\.encoding.ids)
                #expect(found == windows.flatMap { $0.map(\.input_ids) })
            }
            var lines: [Line] = []
            let summary = try encoding.forEachLine {
                lines.append(try JSONDecoder().decode(Line.self, from: Data($0.utf8)))
            }
            #expect(lines.count == rows.count && summary.rows == rows.count)
            for (line, row) in zip(lines, rows) {
                #expect(line.ids == row.encoding.ids.map(Int64.init))
                #expect(line.tokens.map { tokenizer.id(for: $0).map(Int64.init) } == line.ids)
            }
        }
    }

    @Test(arguments: references)
    func `files have the reference's ids, masks and types`(directory: URL) throws {
        try forEachBatch(directory) { reference, encoding in
            guard reference.request.stride == nil else { return }
            guard Set(reference.input_ids.map(\.count)).count == 1 else {
                #expect(throws: EncodingError.self) { try encoding.write(to: folder["ids"]) }
                return
            }
            let summary = try encoding.write(to: folder["ids"])
            #expect(summary.shortest == summary.longest && summary.rows == reference.batch.count)
            let file = try Checkpoint(at: folder["ids"])
            #expect(Set(file.names) == ["input_ids", "attention_mask", "token_type_ids"])
            for (name, expected) in [
                ("input_ids", reference.input_ids), ("token_type_ids", reference.token_type_ids),
                ("attention_mask", reference.attention_mask),
            ] {
                let view = try file.view(name)
                #expect(view.shape == [expected.count, expected[0].count])
                #expect(view.dtype == .signed64)
                #expect(try view.integers() == expected.flatMap(\.self))
            }
        }
    }

    @Test(
        .enabled(if: Golden.directory != nil, "reference cases are absent; only fixtures are run")
    )
    func `the reference cases are present`() { #expect(references.count == 3) }
}

@Suite struct `Encoding texts` {
    let folder: WorkingFolder
    private let tokenizer: Tokenizer

    init() throws {
        folder = try WorkingFolder()
        tokenizer = try Tokenizer(json: Data(tinyTokenizer.utf8), named: "tokenizer.json")
    }

    private func encoding(
        _ texts: [String],
        _ change: (inout EncodingRequest) -> Void = { _ in },
        workers: Int = 2
    ) -> TextEncoding {
        var request = EncodingRequest()
        change(&request)
        let inputs = TextInputs(texts.map { ($0, nil) })
        return TextEncoding(inputs, with: tokenizer, as: request, workers: Workers(workers))
    }

    private func rows(_ encoding: TextEncoding) throws -> [[Int32]] {
        var rows: [[Int32]] = []
        try encoding.forEachRow { rows.append($0.encoding.ids) }
        return rows
    }

    @Test func `neither cuts nor pads unless asked, whatever the file's own padding says`() throws {
        #expect(try rows(encoding(["one", "two threes"])) == [[2, 4, 3], [2, 5, 6, 8, 3]])
        #expect(try rows(encoding(["one"]) { $0.addsSpecialTokens = false }) == [[4]])
        #expect(try rows(encoding([""]) { $0.addsSpecialTokens = false }) == [[]])
    }

    @Test func `a file is padded to the longest text`() throws {
        let summary = try encoding(["one", "two threes"]).write(to: folder["ids"])
        #expect(summary.text == "2 rows of 5 tokens\n")
        let ids = try Checkpoint(at: folder["ids"]).view("input_ids")
        #expect(try ids.integers() == [2, 4, 3, 0, 0, 2, 5, 6, 8, 3])
    }

    @Test func `padding goes to a length, a multiple and a side`() throws {
        let short = try rows(
            encoding(["one"]) { ($0.padding, $0.paddingSide) = (.fixed(5), .left) }
        )
        #expect(short == [[0, 0, 2, 4, 3]])
        #expect(try rows(encoding(["one"]) { $0.multiple = 4 }) == [[2, 4, 3, 0]])
        let maximum = try rows(
            encoding(["one"]) { ($0.padding, $0.maximumLength) = (.maximumLength, 6) }
        )
        #expect(maximum == [[2, 4, 3, 0, 0, 0]])
        _ = try encoding(["one", "two two"]) { ($0.padding, $0.multiple) = (.fixed(5), 4) }
            .write(to: folder["ids"])
        #expect(try Checkpoint(at: folder["ids"]).view("input_ids").shape == [2, 8])
    }

    @Test func `the pieces of a cut text follow it, and the file says whose they are`() throws {
        let striding = encoding(["one two three four", "one"]) {
            ($0.maximumLength, $0.stride) = (5, 1)
        }
        #expect(
            try rows(striding) == [[2, 4, 5, 6, 3], [2, 6, 7, 3], [2, 4, 3]]
        )
        let summary = try striding.write(to: folder["ids"])
        #expect(summary.text == "3 rows of 5 tokens from 2 texts\n")
        let file = try Checkpoint(at: folder["ids"])
        #expect(try file.view("overflow_to_sample_mapping").integers() == [0, 0, 1])
        #expect(try file.view("attention_mask").integers().reduce(0, +) == 12)
    }

    @Test func `rows of different lengths are no tensor`() throws {
        #expect(throws: EncodingError.ragged(shortest: 3, longest: 4)) {
            try encoding(["one", "one two"]) { $0.padding = EncodingRequest.Filling.none }
                .write(to: folder["ids"])
        }
        #expect(throws: EncodingError.ragged(shortest: 3, longest: 4)) {
            try encoding(["one", "one two"]) { $0.padding = .fixed(3) }.write(to: folder["ids"])
        }
        #expect(!FileManager.default.fileExists(atPath: folder["ids"].path))
    }

    @Test func `a length that nobody knows is asked for`() {
        #expect(throws: EncodingError.noMaximumLength) {
            try rows(encoding(["one"]) { $0.truncation = .longestFirst })
        }
        #expect(throws: EncodingError.noMaximumLength) {
            try rows(encoding(["one"]) { $0.padding = .maximumLength })
        }
    }

    @Test func `many texts come in order, from any number of workers`() throws {
        let words = ["one", "two", "three", "four"]
        let texts = (0..<9000).map { number in
            (0...number % 4).map { words[($0 + number) % 4] }.joined(separator: " ")
        }
        let files = try [1, 3].map { workers in
            _ = try encoding(texts, workers: workers).write(to: folder["ids"])
            return try Data(contentsOf: folder["ids"])
        }
        #expect(files[0] == files[1])
        let ids = try Checkpoint(at: folder["ids"]).view("input_ids")
        #expect(ids.shape == [9000, 6])
        let last = try ids.integers().suffix(6)
        #expect(last == [2, 7, 4, 5, 6, 3])
    }

    @Test func `every line of a plain text is a text`() throws {
        let file = try folder.write("\u{FEFF}one\r\n\r\n two\n", to: "texts.txt")
        #expect(try TextInputs(DataSource(path: file)).texts.map(\.text) == ["one", "", " two"])
        try Data([0x6F, 0x0A, 0xFF, 0x0A, 0xC3]).write(to: folder["broken.txt"])
        #expect(throws: InputError.notUTF8(folder["broken.txt"].path, lines: [2, 3])) {
            try TextInputs(DataSource(path: folder["broken.txt"]))
        }
        try folder.write("", to: "empty.txt")
        #expect(throws: InputError.empty(folder["empty.txt"].path)) {
            try TextInputs(DataSource(path: folder["empty.txt"]))
        }
    }

    @Test func `token ids are not encoded again`() throws {
        let file = try folder.write(tokens: [[4, 5]])
        #expect(throws: InputError.tokens(file.path)) {
            try TextInputs(DataSource(path: file))
        }
    }

    @Test func `a directory stands for its only file`() throws {
        try folder.write("{\"text\": \"one\", \"text_pair\": \"two\"}\n", to: "data/all.jsonl")
        let inputs = try TextInputs(DataSource(path: folder["data"]))
        #expect(inputs.texts.map(\.pair) == ["two"])
        try folder.write("{\"text\": \"one\"}\n", to: "data/more.jsonl")
        #expect(
            throws: InputError.severalSplits(path: folder["data"].path, splits: ["all", "more"])
        ) {
            try TextInputs(DataSource(path: folder["data"]))
        }
    }
}
