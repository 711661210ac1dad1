import Checkpoints
import Experiments
import Foundation
import Tensors

/// A merge of three experts into a base from disk to disk, 271 M parameters in bfloat16.
///
/// The floor is reading and hashing every file once, for the card names its inputs by their SHA-256,
/// and writing as many bytes as one of them has; both from and to the page cache.
struct MergeByRule {
    let directory: URL
    let workers: Workers

    private static let width = 1024
    private static let inner = 2816
    private static let layers = 16
    private static let vocabulary = 32_000

    /// Models of a small Llama's names and shapes.
    private var models: SyntheticModels {
        let width = Self.width
        let layers = (0..<Self.layers).flatMap { layer -> [(name: String, shape: [Int])] in
            let prefix = "model.layers.\(layer)"
            return ["q", "k", "v", "o"].map {
                ("\(prefix).self_attn.\($0)_proj.weight", [width, width])
            } + [
                ("\(prefix).mlp.gate_proj.weight", [Self.inner, width]),
                ("\(prefix).mlp.up_proj.weight", [Self.inner, width]),
                ("\(prefix).mlp.down_proj.weight", [width, Self.inner]),
                ("\(prefix).input_layernorm.weight", [width]),
                ("\(prefix).post_attention_layernorm.weight", [width]),
            ]
        }
        return SyntheticModels(
            directory: directory.appending(path: "llama"),
            experts: 3,
            configuration: """
                {
                  "architectures": ["LlamaForCausalLM"], "model_type": "llama",
                  "vocab_size": \(Self.vocabulary), "hidden_size": \(width),
                  "num_hidden_layers": \(Self.layers), "num_attention_heads": 16,
                  "num_key_value_heads": 16, "intermediate_size": \(Self.inner),
                  "hidden_act": "silu", "max_position_embeddings": 2048, "rms_norm_eps": 1e-6,
                  "tie_word_embeddings": false, "torch_dtype": "bfloat16"
                }
                """,
            shapes: [("model.embed_tokens.weight", [Self.vocabulary, width])] + layers + [
                ("model.norm.weight", [width]), ("lm_head.weight", [Self.vocabulary, width]),
            ],
            dtype: .bfloat16
        )
    }

    /// Merges by a method, with `parameters` for each expert.
    func run(_ method: String, parameters: String, steps: Int) throws -> Measurement {
        let models = models
        try models.write()
        let recipe = directory.appending(path: "\(method).yml")
        let experts = models.directories.dropFirst().map {
            "  - model: \($0.path)\n    parameters: {\(parameters)}\n"
        }
        // An average has no base: there it is one of the models.
        let base = models.directories[0].path
        let head =
            method == "linear"
            ? "models:\n  - model: \(base)\n    parameters: {\(parameters)}\n"
            : "base_model: \(base)\nmodels:\n"
        let text = "merge_method: \(method)\n\(head)\(experts.joined())dtype: bfloat16\n"
        try AtomicFile.write(Data(text.utf8), to: recipe)
        let parsed = try Recipe(RecipeDocument(contentsOf: recipe), methods: MethodSignature.all)
        let output = directory.appending(path: "merged")
        let runs = try (0...steps).map { _ in
            let floor = try floor(models.files, writing: directory.appending(path: "copy"))
            let time = try seconds {
                try Merge.run(parsed, to: output, workers: workers)
            }
            try FileManager.default.removeItem(at: output)
            return (seconds: time, floor: floor)
        }
        return Measurement("merge-\(method)", runs: Array(runs.dropFirst()))
    }

    /// The time to read and hash every file once, and to write the bytes of the first.
    private func floor(_ files: [URL], writing copy: URL) throws -> Double {
        defer { try? FileManager.default.removeItem(at: copy) }
        return try seconds {
            try workers.forEach(files.count + 1) { index in
                if index < files.count {
                    _ = try SHA256Hash.ofFile(files[index])
                } else {
                    try FileManager.default.copyItem(at: files[0], to: copy)
                }
            }
        }
    }
}
