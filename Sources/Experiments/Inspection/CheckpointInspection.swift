internal import Checkpoints
internal import Foundation
internal import Presentation
internal import Transformers

/// A safetensors file, several with an index, or the directory of a model.
struct CheckpointInspection: Inspection {
    private let path: String
    private let kind: String
    private let files: [String]
    private let model: ModelSummary?
    private let metadata: [String: String]
    private let totals: TensorTotals
    private let tensors: [TensorSummary]

    init(_ url: URL) throws {
        let checkpoint = try Checkpoint(at: url)
        let place = url.resolvingSymlinksInPath().path
        let type = try FileManager.default.attributesOfItem(atPath: place)[.type]
        let isDirectory = type as? FileAttributeType == .typeDirectory
        path = url.path
        kind = isDirectory ? "model" : "checkpoint"
        files = checkpoint.files.map(\.lastPathComponent)
        model = isDirectory ? try ModelSummary(ModelDirectory(url)) : nil
        metadata = checkpoint.metadata
        tensors = try checkpoint.views(checkpoint.names).map(TensorSummary.init)
        totals = tensors.totals
    }

    func text(width: Int?) -> String {
        var facts = Facts()
        facts.add("path", path)
        facts.add("files", files.joined(separator: ", "))
        model?.describe(&facts)
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            facts.add("metadata: \(key)", value.clipped(toWidth: 400))
        }
        facts.add("total", totals.text)
        let formats = tensors.byFormat
        if formats.count > 1 {
            for (dtype, totals) in formats { facts.add("total \(dtype)", totals.text) }
        }
        return facts.text(width: width) + "\n" + tensors.table().text(width: width)
    }
}

/// What a `config.json` says, as far as people ask for it first.
struct ModelSummary: Encodable, Sendable {
    private let architecture: String?
    private let isRunnable: Bool
    private let tokenizer: String?
    private let settings: [String: Int]
    private let labels: [String]?

    enum CodingKeys: String, CodingKey {
        case architecture, tokenizer, settings, labels
        case isRunnable = "runnable"
    }

    private static let keys = [
        "hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads",
        "intermediate_size", "vocab_size", "max_position_embeddings", "type_vocab_size",
        "image_size", "patch_size", "projection_dim",
    ]

    init(_ directory: ModelDirectory) {
        let json = directory.configuration.flatMap { try? JSONSerialization.jsonObject(with: $0) }
        let keys = json as? [String: Any]
        architecture = (keys?["architectures"] as? [String])?.first
        isRunnable =
            directory.configuration.flatMap { try? Architectures.of(configuration: $0) }
            .map { _ in true } ?? false
        tokenizer = ["tokenizer.json", "vocab.txt", "tokenizer.model"].first {
            FileManager.default.fileExists(atPath: directory.url.appending(path: $0).path)
        }
        settings = Self.keys.reduce(into: [:]) { $0[$1] = keys?[$1] as? Int }
        let table = keys?["id2label"] as? [String: String]
        labels = table.map { table in (0..<table.count).compactMap { table[String($0)] } }
    }

    func describe(_ facts: inout Facts) {
        facts.add("architecture", architecture.map { $0 + (isRunnable ? "" : " (data-free only)") })
        let numbers = Self.keys.compactMap { key in settings[key].map { "\(key) \($0)" } }
        facts.add("configuration", numbers.joined(separator: ", "))
        facts.add("labels", labels?.joined(separator: ", "))
        facts.add("tokenizer", tokenizer)
    }
}
