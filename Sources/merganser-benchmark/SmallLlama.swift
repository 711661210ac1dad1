import Checkpoints
import Foundation

/// A base and three experts of a small Llama's names and shapes, 271 M parameters in bfloat16.
enum SmallLlama {
    private static let width = 1024
    private static let inner = 2816
    private static let layers = 16
    private static let vocabulary = 32_000

    /// The models, in a directory.
    static func models(in directory: URL) -> SyntheticModels {
        let blocks = (0..<layers).flatMap { layer -> [(name: String, shape: [Int])] in
            let prefix = "model.layers.\(layer)"
            return ["q", "k", "v", "o"].map {
                ("\(prefix).self_attn.\($0)_proj.weight", [width, width])
            } + [
                ("\(prefix).mlp.gate_proj.weight", [inner, width]),
                ("\(prefix).mlp.up_proj.weight", [inner, width]),
                ("\(prefix).mlp.down_proj.weight", [width, inner]),
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
                  "vocab_size": \(vocabulary), "hidden_size": \(width),
                  "num_hidden_layers": \(layers), "num_attention_heads": 16,
                  "num_key_value_heads": 16, "intermediate_size": \(inner),
                  "hidden_act": "silu", "max_position_embeddings": 2048, "rms_norm_eps": 1e-6,
                  "tie_word_embeddings": false, "torch_dtype": "bfloat16"
                }
                """,
            shapes: [("model.embed_tokens.weight", [vocabulary, width])] + blocks + [
                ("model.norm.weight", [width]), ("lm_head.weight", [vocabulary, width]),
            ],
            dtype: .bfloat16
        )
    }
}
