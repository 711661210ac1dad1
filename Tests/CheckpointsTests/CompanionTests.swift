import Foundation
import Tensors
import Testing

@testable import Checkpoints

/// A directory of a model, by its files, and what `check` says of it.
private struct Case: CustomTestStringConvertible, Sendable {
    let files: [String: String]
    /// What is missing; `nil` where nothing is.
    let missing: String?
    /// Whether leaving the tokenizer out helps.
    var isTokenizer = true

    init(_ files: [String: String], _ missing: String?, isTokenizer: Bool = true) {
        (self.files, self.missing, self.isTokenizer) = (files, missing, isTokenizer)
    }

    var testDescription: String { files.keys.sorted().joined(separator: ", ") }
}

private func tokenizer(_ name: String) -> String { #"{"tokenizer_class": "\#(name)"}"# }

private func module(_ path: String, _ type: String) -> String {
    #"{"idx": 0, "name": "0", "path": "\#(path)", "type": "sentence_transformers.models.\#(type)"}"#
}

private let cases: [Case] = [
    // Weights alone, or with what names nothing.
    Case([:], nil),
    Case(["tokenizer.json": "{}", "preprocessor_config.json": "{}"], nil),
    Case(["vocab.json": "{}"], nil),
    // A tokenizer and its vocabulary.
    Case(
        ["tokenizer_config.json": tokenizer("BertTokenizer")],
        "“BertTokenizer”, whose vocabulary, tokenizer.json or vocab.txt, is missing"
    ),
    Case(["tokenizer_config.json": tokenizer("BertTokenizer"), "vocab.txt": "a"], nil),
    Case(["tokenizer_config.json": tokenizer("BertTokenizerFast"), "tokenizer.json": "{}"], nil),
    Case(
        ["tokenizer_config.json": tokenizer("BertTokenizer"), "vocab.json": "{}"],
        "tokenizer.json or vocab.txt, is missing"
    ),
    Case(
        ["tokenizer_config.json": tokenizer("CLIPTokenizer"), "vocab.json": "{}"],
        "vocab.json needs merges.txt, which is missing"
    ),
    Case(
        ["tokenizer_config.json": tokenizer("CLIPTokenizer"), "merges.txt": ""],
        "merges.txt needs vocab.json, which is missing"
    ),
    Case(
        [
            "tokenizer_config.json": tokenizer("CLIPTokenizer"), "vocab.json": "{}",
            "merges.txt": "",
        ],
        nil
    ),
    Case(
        ["tokenizer_config.json": tokenizer("LlamaTokenizerFast")],
        "tokenizer.json or tokenizer.model, is missing"
    ),
    Case(["tokenizer_config.json": tokenizer("T5Tokenizer"), "spiece.model": ""], nil),
    Case(["tokenizer_config.json": tokenizer("ByT5Tokenizer")], nil),
    Case(["tokenizer_config.json": "{}"], "a tokenizer, whose vocabulary"),
    Case(["tokenizer_config.json": tokenizer("NewTokenizer")], "“NewTokenizer”"),
    Case(["tokenizer_config.json": tokenizer("NewTokenizer"), "new.tiktoken": ""], nil),
    Case(["tokenizer_config.json": tokenizer("NewTokenizer"), "vocab-src.json": ""], nil),
    Case(["tokenizer_config.json": "{"], "tokenizer_config.json is not the JSON"),
    Case(["tokenizer_config.json": #"{"tokenizer_class": 1}"#, "tokenizer.json": ""], nil),
    // Modules around an encoder.
    Case(
        ["modules.json": "[\(module("", "Transformer")), \(module("1_Pooling", "Pooling"))]"],
        "modules.json needs “1_Pooling/config.json”, which is missing",
        isTokenizer: false
    ),
    Case(
        [
            "modules.json":
                "[\(module("", "Transformer")), \(module("pooling", "Pooling")), "
                + "\(module("2_Normalize", "Normalize"))]",
            "pooling/config.json": "{}",
        ],
        nil
    ),
    Case(["modules.json": "{}"], "modules.json is not the JSON", isTokenizer: false),
    Case(
        ["modules.json": "[\(module("../../secret", "Dense"))]"],
        "the folder “../../secret”",
        isTokenizer: false
    ),
]

@Suite struct `The companions of a model` {
    private let directory: TemporaryDirectory
    init() throws { directory = try TemporaryDirectory() }

    @Test(arguments: cases)
    fileprivate func `are complete, or the missing ones are named`(_ one: Case) throws {
        try directory.write("{}", "model/config.json")
        for (name, text) in one.files { try directory.write(text, "model/\(name)") }
        let companions = try ModelDirectory(directory.url.appending(path: "model")).companions
        let said = message { try companions.check() }
        guard let missing = one.missing else { return #expect(said.isEmpty, "\(said)") }
        #expect(said.contains(missing), "\(said)")
        #expect(said.contains("/model” lacks files: "))
        #expect(said.contains("--no-copy-tokenizer") == one.isTokenizer)
        let rest = message { try companions.leavingOut(.tokenizer).check() }
        #expect(rest.isEmpty == one.isTokenizer)
    }

    @Test func `are all named together`() throws {
        try directory.write(tokenizer("BertTokenizer"), "tokenizer_config.json")
        try directory.write(
            "[\(module("1_Pooling", "Pooling")), \(module("2_Dense", "Dense"))]",
            "modules.json"
        )
        let said = message { try ModelDirectory(directory.url).companions.check() }
        for part in ["vocab.txt", "1_Pooling/config.json", "2_Dense/config.json"] {
            #expect(said.contains(part))
        }
    }

    /// What the Hub has beside weights, of an encoder, of CLIP and of a language model.
    @Test(arguments: [
        [
            "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt",
            "modules.json", "sentence_bert_config.json", "config_sentence_transformers.json",
            "1_Pooling/config.json", "2_Dense/config.json", "2_Dense/model.safetensors",
        ],
        [
            "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.json",
            "merges.txt", "preprocessor_config.json", "processor_config.json",
        ],
        [
            "tokenizer.json", "tokenizer_config.json", "tokenizer.model", "added_tokens.json",
            "generation_config.json", "chat_template.jinja",
            "additional_chat_templates/tool.jinja",
        ],
    ])
    func `are copied, and nothing else is`(names: [String]) throws {
        for name in names + ["README.md", "pytorch_model.bin", "runs/x", ".gitattributes"] {
            try directory.write(name, "model/\(name)")
        }
        let companions = try ModelDirectory(directory.url.appending(path: "model")).companions
        #expect(companions.files.sorted() == names.sorted())
        let copy = directory.url.appending(path: "copy")
        try companions.copy(to: copy)
        for name in names {
            let text = try String(contentsOf: copy.appending(path: name), encoding: .utf8)
            #expect(text == name)
        }
        let rest = companions.leavingOut(.tokenizer).files
        #expect(rest.allSatisfy { !$0.contains("token") && !$0.contains("vocab") })
        #expect(names.contains("modules.json") == rest.contains("1_Pooling/config.json"))
    }
}

@Suite struct `What is written is read again` {
    private let directory: TemporaryDirectory
    init() throws { directory = try TemporaryDirectory() }

    /// The file under its hidden name.
    private func partial() throws -> URL {
        let name = try #require(try directory.contents.first { $0.contains(".partial-") })
        return directory.url.appending(path: name)
    }

    private func writer(of count: Int = 5) throws -> CheckpointWriter {
        let url = directory.url.appending(path: "x.safetensors")
        let tensors = [TensorDeclaration(name: "a", dtype: .float32, shape: [count])]
        let writer = try CheckpointWriter(file: url, tensors: tensors)
        let bytes = (0..<4 * count).map { UInt8(truncatingIfNeeded: $0 * 7) }
        try writer.write("a", bytes: Array(bytes[12...]), at: 12)
        try writer.write("a", bytes: Array(bytes[..<12]), at: 0)
        return writer
    }

    @Test(arguments: [0, 8, 20, 100, 110, 119])
    func `and no byte of it may be another`(position: Int) throws {
        let writer = try writer()
        let file = try partial()
        var bytes = try Data(contentsOf: file)
        let place = position * (bytes.count - 1) / 119
        bytes[place] ^= 1
        // In place, as a faulty disk would have it.
        let handle = try FileHandle(forWritingTo: file)
        try handle.write(contentsOf: bytes)
        try handle.close()
        let said = message { try writer.finish() }
        #expect(said.contains("x.safetensors” was written, but differed in the bytes"), "\(said)")
        writer.cancel()
        #expect(try directory.contents.isEmpty)
    }

    @Test(arguments: [-1, 1, -4])
    func `and none may be missing or too many`(change: Int) throws {
        let writer = try writer()
        let size = try Data(contentsOf: try partial()).count
        let handle = try FileHandle(forWritingTo: try partial())
        try handle.truncate(atOffset: UInt64(size + change))
        try handle.close()
        let said = message { try writer.finish() }
        #expect(said.contains("had \(size + change) bytes instead of \(size)"), "\(said)")
    }

    @Test(arguments: [false, true])
    func `a large file while it is written`(isSound: Bool) throws {
        // More than is read again at once, in parts.
        let (count, block) = (20 << 20, 1 << 16)
        let url = directory.url.appending(path: "x.safetensors")
        let tensors = [TensorDeclaration(name: "a", dtype: .float32, shape: [count])]
        let writer = try CheckpointWriter(file: url, tensors: tensors)
        for start in stride(from: 0, to: count, by: block) {
            try Tensor([block], repeating: Float(start)).withSpan {
                try writer.write("a", $0, at: start)
            }
        }
        guard isSound else {
            let handle = try FileHandle(forWritingTo: try partial())
            try handle.seek(toOffset: UInt64(4 * count))
            try handle.write(contentsOf: Data([7]))
            try handle.close()
            let said = message { try writer.finish() }
            #expect(said.contains("was written, but differed in the bytes"), "\(said)")
            return
        }
        try writer.finish()
        let found = try Checkpoint(at: url).view("a").tensor().elements
        let starts = stride(from: 0, to: count, by: block)
        #expect(starts.allSatisfy { start in found[start + 5] == Float(start) })
    }

    @Test func `whatever its size, and then it is there`() throws {
        for count in [3, 8, 31, 32, 33, 1000] {
            try writer(of: count).finish()
            let view = try Checkpoint(at: directory.url.appending(path: "x.safetensors")).view("a")
            #expect(view.count == count)
        }
    }
}
