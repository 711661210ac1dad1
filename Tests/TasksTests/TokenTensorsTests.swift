import Checkpoints
import Foundation
import Testing

@testable import Tasks

struct TokenTensorsTests {
    private typealias Tensors = [(name: String, content: SafeTensors.Content)]

    private func folder(
        _ tensors: [(String, [Int64], [Int])],
        as dtype: DType = .signed64
    ) throws -> DataFolder {
        let folder = try DataFolder()
        try SafeTensors.write(
            tensors.map { ($0.0, .integers($0.1, shape: $0.2, dtype)) },
            to: folder.url.appending(path: "train.safetensors")
        )
        return folder
    }

    private func message(_ tensors: [(String, [Int64], [Int])]) throws -> String {
        let folder = try folder(tensors)
        return folder.message {
            _ = try folder.dataset().labeled(SplitReference(split: "train"))
        }
    }

    @Test(arguments: [DType.signed64, .signed32, .unsigned8])
    func `rows are examples`(dtype: DType) throws {
        let folder = try folder(
            [
                ("input_ids", [1, 2, 3, 4, 5, 0], [2, 3]),
                ("attention_mask", [1, 1, 1, 1, 1, 0], [2, 3]),
                ("token_type_ids", [0, 0, 1, 0, 1, 0], [2, 3]), ("labels", [7, 8], [2]),
            ],
            as: dtype
        )
        let examples = try folder.dataset().labeled(SplitReference(split: "train"))
        #expect(
            examples.examples.inputs == [
                .tokens(TokenRow(ids: [1, 2, 3], typeIDs: [0, 0, 1], mask: [true, true, true])),
                .tokens(TokenRow(ids: [4, 5, 0], typeIDs: [0, 1, 0], mask: [true, true, false])),
            ]
        )
        #expect(examples.labels == [7, 8])
    }

    @Test func `only ids are needed`() throws {
        let folder = try folder([("input_ids", [1, 2, 3, 4], [2, 2])])
        let examples = try folder.dataset().unlabeled(SplitReference(parsing: "train[1:]"))
        #expect(examples.inputs == [.tokens(TokenRow(ids: [3, 4]))])
        let labels = folder.message {
            _ = try folder.dataset().labeled(SplitReference(split: "train"))
        }
        #expect(labels.contains("has no labels: expected them in the field “labels”"))
    }

    @Test func `tensors that do not fit are named`() throws {
        let ids = ("input_ids", [1, 2, 3, 4] as [Int64], [2, 2])
        #expect(
            try message([("ids", [1], [1, 1])]) == """
                train.safetensors: input_ids should be a tensor [examples, length], found only \
                “ids”; write the file again.
                """
        )
        #expect(
            try message([("input_ids", [1, 2], [2])]).contains(
                "input_ids should be a tensor [examples, length], found [2]"
            )
        )
        #expect(
            try message([("input_ids", [], [1_000_000_000, 0])]).contains(
                "input_ids should be a tensor [examples, length], found [1000000000, 0]"
            )
        )
        #expect(
            try message([ids, ("attention_mask", [1, 1], [1, 2])]).contains(
                "attention_mask should be [2, 2], found [1, 2]"
            )
        )
        #expect(
            try message([ids, ("labels", [1, 1, 1], [3])]).contains(
                "labels should be [2], found [3]"
            )
        )
        #expect(try message([("input_ids", [], [0, 5])]).contains("holds no examples"))
    }

    @Test func `numbers that do not fit are named with their row`() throws {
        #expect(
            try message([
                ("input_ids", [1, -2, 3, 1 << 40, 5, 6, 7, 8], [4, 2]),
                ("attention_mask", [1, 1, 1, 1, 2, 1, 0, 0], [4, 2]),
                ("labels", [0, 0, 0, 0], [4]),
            ]) == """
                train.safetensors has 4 broken rows: \
                row 0: expected numbers from 0 to 2147483646 in input_ids, found -2; \
                row 1: expected numbers from 0 to 2147483646 in input_ids, found 1099511627776; \
                row 2: expected numbers from 0 to 1 in attention_mask, found 2; \
                row 3: expected a token, found none; \
                correct or remove what is broken.
                """
        )
    }
}
