internal import Checkpoints
public import Foundation
internal import Tensors
internal import Tokenizers

extension TextEncoding {
    /// Writes `input_ids`, `attention_mask` and `token_type_ids` `[rows, length]` as safetensors.
    ///
    /// Rows are filled to the longest unless asked otherwise. Where the pieces of cut texts are
    /// kept, `overflow_to_sample_mapping` `[rows]` says which text each row is from.
    ///
    /// - Returns: what the rows are like, all being of one length.
    public func write(to file: URL) throws -> Summary {
        let measured = try measure()
        let (padding, length) = try rectangle(of: measured)
        let tensors: [(name: String, numbers: (Encoding) -> [Int32])] = [
            ("input_ids", \.ids), ("attention_mask", \.attentionMask),
            ("token_type_ids", \.typeIDs),
        ]
        let mapping = "overflow_to_sample_mapping"
        var declarations = tensors.map {
            TensorDeclaration(name: $0.name, dtype: .signed64, shape: [measured.rows, length])
        }
        if keepsOverflow {
            declarations.append(
                TensorDeclaration(name: mapping, dtype: .signed64, shape: [measured.rows])
            )
        }
        let writer = try CheckpointWriter(file: file, tensors: declarations, metadata: [:])
        var row = 0
        let written = try forEachChunk("writing", padding) { rows in
            for (name, numbers) in tensors {
                let bytes = rows.flatMap { numbers($0.encoding).flatMap(\.bytes) }
                try writer.write(name, bytes: bytes, at: row * length * 8)
            }
            if keepsOverflow {
                let texts = rows.flatMap { Int32($0.text).bytes }
                try writer.write(mapping, bytes: texts, at: row * 8)
            }
            row += rows.count
        }
        try writer.finish()
        return written
    }

    /// Calls `body` with a line of JSON for each row: its `ids` and its `tokens`.
    public func forEachLine(_ body: (String) throws -> Void) throws -> Summary {
        struct Line: Encodable {
            let ids: [Int32]
            let tokens: [String]
        }
        return try forEachRow { row in
            let line = Line(ids: row.encoding.ids, tokens: row.encoding.tokens)
            try body(JSONText.of(line, isPretty: false))
        }
    }
}

extension Int32 {
    /// The number as eight bytes of an I64, the lowest first.
    fileprivate var bytes: [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: Int64(self) >> ($0 * 8)) }
    }
}
