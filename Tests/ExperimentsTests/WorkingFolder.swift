import Checkpoints
import Foundation

/// A directory that exists as long as the test holds it.
final class WorkingFolder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory
            .appending(path: "merganser-\(UUID().uuidString)").resolvingSymlinksInPath()
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    subscript(name: String) -> URL { url.appending(path: name) }

    /// Writes a file, making the directory around it.
    @discardableResult
    func write(_ text: String, to name: String) throws -> URL {
        let directory = self[name].deletingLastPathComponent()
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: self[name])
        return self[name]
    }

    /// Writes token ids in rows of one length.
    @discardableResult
    func write(
        tokens rows: [[Int64]],
        mask: [[Int64]]? = nil,
        to name: String = "inputs.safetensors"
    ) throws -> URL {
        let shape = [rows.count, rows.first?.count ?? 0]
        var tensors: [(name: String, content: SafeTensors.Content)] = [
            ("input_ids", .integers(rows.flatMap(\.self), shape: shape, .signed64))
        ]
        if let mask {
            let integers = mask.flatMap(\.self)
            tensors.append(("attention_mask", .integers(integers, shape: shape, .signed64)))
        }
        try SafeTensors.write(tensors, to: self[name])
        return self[name]
    }
}

/// A tokenizer of a few words, whose ids any model of the fixtures has.
let tinyTokenizer = """
    {"version":"1.0","truncation":null,"added_tokens":[
     {"id":0,"content":"[PAD]","single_word":false,"lstrip":false,"rstrip":false,
      "normalized":false,"special":true}],
     "padding":{"strategy":{"Fixed":128},"direction":"Right","pad_to_multiple_of":null,"pad_id":0,
      "pad_type_id":0,"pad_token":"[PAD]"},
     "normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,
      "strip_accents":null,"lowercase":true},
     "pre_tokenizer":{"type":"BertPreTokenizer"},
     "post_processor":{"type":"BertProcessing","sep":["[SEP]",3],"cls":["[CLS]",2]},
     "decoder":null,
     "model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##",
      "max_input_chars_per_word":100,
      "vocab":{"[PAD]":0,"[UNK]":1,"[CLS]":2,"[SEP]":3,"one":4,"two":5,"three":6,"four":7,"##s":8}}}
    """
