import Foundation
import Tensors
import Testing
import Tokenizers
import Transformers

@testable import Tasks

struct TextEncoderTests {
    /// A BERT of a few words: [PAD] 0, [UNK] 1, [CLS] 2, [SEP] 3, [MASK] 4, a 5, b 6, c 7, d 8.
    private let tokenizer: Tokenizer

    init() throws {
        let folder = try DataFolder([
            "vocab.txt": ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "d"]
                .joined(separator: "\n"),
            "tokenizer_config.json": #"{"model_max_length": 6}"#,
        ])
        tokenizer = try Tokenizer(directory: folder.url)
    }

    private func examples(_ inputs: [Example]) -> UnlabeledExamples {
        UnlabeledExamples(
            selection: .init(
                reference: SplitReference(split: "all"),
                file: "a.jsonl",
                indices: Array(inputs.indices)
            ),
            inputs: inputs,
            lines: inputs.indices.map { $0 + 1 },
            place: .line
        )
    }

    private func encoder(
        _ limits: TextLimits = TextLimits(),
        maximumLength: Int? = nil
    ) throws -> TextEncoder {
        try TextEncoder(tokenizer: tokenizer, limits: limits, maximumLength: maximumLength)
    }

    @Test func `texts are encoded without padding and cut to the length`() throws {
        let encoded = try encoder().encode(
            examples([.text("a"), .text("a b c d a b c d"), .text("", pair: nil)])
        )
        #expect(encoded.lengths == [3, 6, 2])
        #expect(encoded.tokens.ids == [2, 5, 3] + [2, 5, 6, 7, 8, 3] + [2, 3])
        #expect(encoded.tokens.positions == [0, 1, 2, 0, 1, 2, 3, 4, 5, 0, 1])
        #expect(encoded.tokens.visible == nil)
    }

    @Test func `of pairs the longer text is cut first`() throws {
        let encoded = try encoder().encode(examples([.text("a b c d", pair: "c")]))
        #expect(encoded.tokens.ids == [2, 5, 6, 3, 7, 3])
        #expect(encoded.tokens.typeIDs == [0, 0, 0, 0, 1, 1])
    }

    @Test func `the length is the least that is known, unless one is asked for`() throws {
        #expect(try encoder().maximumLength == 6)
        #expect(try encoder(TextLimits(positions: 4)).maximumLength == 4)
        #expect(try encoder(TextLimits(positions: 512)).maximumLength == 6)
        #expect(try encoder(TextLimits(positions: 512), maximumLength: 9).maximumLength == 9)
        #expect(try encoder(maximumLength: 5).maximumLength == 5)
        let error = #expect(throws: DataError.self) {
            try encoder(TextLimits(positions: 512), maximumLength: 513)
        }
        #expect(
            error?.description == """
                A `max_length` of 513 is not possible, as the model reads from 1 to 512 tokens; \
                choose one of these.
                """
        )
        #expect(throws: DataError.self) { try encoder(maximumLength: 0) }
        // No room for [CLS] and [SEP].
        #expect(throws: TokenizerError.self) {
            try encoder(maximumLength: 1).encode(examples([.text("a")]))
        }
    }

    @Test func `any number of workers gives the same tokens`() throws {
        let inputs = (0..<500).map { index in
            Example.text(
                String(repeating: "a b c d ", count: index % 7),
                pair: index % 3 == 0 ? "d" : nil
            )
        }
        let reference = try encoder().encode(examples(inputs), workers: Workers(1))
        let parallel = try encoder().encode(examples(inputs), workers: Workers(4))
        #expect(reference.tokens.ids == parallel.tokens.ids)
        #expect(reference.lengths == parallel.lengths)
        #expect(reference.count == 500)
    }

    @Test func `rows of tokens are taken as they are, without their padding`() throws {
        let encoded = try TextEncoder(tokenizer: nil, limits: TextLimits()).encode(
            examples([
                .tokens(TokenRow(ids: [4, 5, 0], mask: [true, true, false])),
                .tokens(TokenRow(ids: [0, 6, 7], typeIDs: [0, 1, 1], mask: [false, true, true])),
                .tokens(TokenRow(ids: [8])),
            ])
        )
        #expect(encoded.tokens.ids == [4, 5, 0, 6, 7, 8])
        #expect(encoded.tokens.positions == [0, 1, 0, 1, 2, 0])
        #expect(encoded.tokens.typeIDs == [0, 0, 0, 1, 1, 0])
        #expect(encoded.tokens.visible == [true, true, false, true, true, true])
        #expect(encoded.selecting([2, 0]).tokens.visible == nil)
        #expect(encoded.selecting([2, 0]).tokens.ids == [8, 4, 5])
        #expect(encoded.selecting([1]).tokens.visible == [false, true, true])
    }

    @Test func `what the model has no row for is refused before it is looked up`() throws {
        let limits = TextLimits(positions: 4, vocabulary: 8, types: 1)
        let encoder = try TextEncoder(tokenizer: tokenizer, limits: limits)
        let error = #expect(throws: DataError.self) {
            try encoder.encode(
                examples([
                    .text("a"), .text("d"), .tokens(TokenRow(ids: [1, 2, 3, 4, 5])),
                    .tokens(TokenRow(ids: [1], typeIDs: [1])), .tokens(TokenRow(ids: [])),
                ])
            )
        }
        #expect(
            error?.description == """
                a.jsonl has 4 broken lines: \
                line 2: expected numbers from 0 to 7 in input_ids, found 8; \
                line 3: expected at most 4 tokens, found 5; \
                line 4: expected numbers from 0 to 0 in token_type_ids, found 1; \
                line 5: expected a token, found none; \
                correct or remove what is broken.
                """
        )
    }

    @Test func `texts need a tokenizer`() throws {
        let encoder = try TextEncoder(tokenizer: nil, limits: TextLimits())
        let error = #expect(throws: DataError.self) { try encoder.encode(examples([.text("a")])) }
        #expect(
            error?.description == """
                a.jsonl holds texts, and the model has no tokenizer; put its tokenizer.json \
                beside it, or give token ids as .safetensors.
                """
        )
    }
}
