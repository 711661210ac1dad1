import Foundation
import Testing

@testable import Tokenizers

/// A text with the encodings that the reference gives it.
struct TextCase: Decodable {
    let text: String
    let ids: [Int32]
    let tokens: [String]
    let idsWithSpecial: [Int32]
}

extension TextCase {
    /// Encodes the text and compares all that the reference records.
    func check(with tokenizer: Tokenizer) throws {
        let plain = try tokenizer.encode(text, addSpecialTokens: false)
        let special = try tokenizer.encode(text)
        #expect(plain.ids == ids, "\(text.debugDescription)")
        #expect(plain.tokens.elementsEqual(tokens) { $0.isIdentical(to: $1) })
        #expect(special.ids == idsWithSpecial)
        #expect(special.tokens.map { tokenizer.id(for: $0) } == special.ids)
    }
}

/// A batch with the encodings that the reference gives it.
struct BatchCase: Decodable {
    struct Input: Decodable {
        let text: String
        let textPair: String?
    }

    struct Truncation: Decodable {
        let maxLength: Int
        let strategy: String
        let stride: Int
        let direction: String
    }

    struct Padding: Decodable {
        let length: Int?
        let padToMultipleOf: Int?
        let direction: String
        let padId: Int32
        let padTypeId: Int32
        let padToken: String
    }

    let batch: [Input]
    let addSpecialTokens: Bool
    let truncation: Truncation?
    let padding: Padding?
    let inputIds: [[Int32]]
    let tokenTypeIds: [[Int32]]
    let attentionMask: [[Int32]]
    let specialTokensMask: [[Int32]]
    /// The windows that overflow from every row, where the case records them.
    let overflowing: [[Window]]?

    struct Window: Decodable {
        let inputIds: [Int32]
        let tokenTypeIds: [Int32]
    }
}

extension BatchCase {
    /// Encodes the batch and compares all that the reference records.
    func check(with tokenizer: Tokenizer) throws {
        let encodings = try tokenizer.encodeBatch(
            batch.map { ($0.text, $0.textPair) },
            addSpecialTokens: addSpecialTokens,
            truncation: try truncation.map { try $0.value },
            padding: try padding.map { try $0.value }
        )
        #expect(encodings.map(\.ids) == inputIds)
        #expect(encodings.map(\.typeIDs) == tokenTypeIds)
        #expect(encodings.map(\.attentionMask) == attentionMask)
        #expect(encodings.map(\.specialTokensMask) == specialTokensMask)
        guard let overflowing else { return }
        for (encoding, windows) in zip(encodings, overflowing) {
            #expect(encoding.overflowing.map(\.ids) == windows.map(\.inputIds))
            #expect(encoding.overflowing.map(\.typeIDs) == windows.map(\.tokenTypeIds))
        }
    }
}

extension BatchCase.Truncation {
    fileprivate var value: Tokenizers.Truncation {
        get throws {
            Tokenizers.Truncation(
                maximumLength: maxLength,
                strategy: try #require(.init(rawValue: strategy)),
                stride: stride,
                side: try #require(Side(rawValue: direction))
            )
        }
    }
}

extension BatchCase.Padding {
    fileprivate var value: Tokenizers.Padding {
        get throws {
            Tokenizers.Padding(
                length: length.map { .fixed($0) } ?? .longest,
                multiple: padToMultipleOf,
                side: try #require(Side(rawValue: direction)),
                id: padId,
                typeID: padTypeId,
                token: padToken
            )
        }
    }
}

extension Decodable {
    /// The values of a file of JSON lines, keys in snake case.
    static func lines(of file: URL) throws -> [Self] {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try Data(contentsOf: file).split(separator: UInt8(ascii: "\n"))
            .map { try decoder.decode(Self.self, from: $0) }
    }
}
