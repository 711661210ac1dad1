import Checkpoints
import Foundation
import Tensors
import Transformers

/// Random checkpoints of the shape of all-MiniLM-L6-v2: what the learning workload runs on.
struct SyntheticModels {
    let directory: URL
    let experts: Int

    static let configuration = """
        {
          "architectures": ["BertForSequenceClassification"], "model_type": "bert",
          "vocab_size": 30522, "hidden_size": 384, "num_hidden_layers": 6,
          "num_attention_heads": 12, "intermediate_size": 1536, "hidden_act": "gelu",
          "max_position_embeddings": 512, "type_vocab_size": 2, "layer_norm_eps": 1e-12,
          "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1, "pad_token_id": 0,
          "id2label": {"0": "a", "1": "b", "2": "c", "3": "d", "4": "e", "5": "f"},
          "label2id": {"a": 0, "b": 1, "c": 2, "d": 3, "e": 4, "f": 5}
        }
        """

    /// Writes `base/` and `expert-1/` … unless they are there already.
    func write() throws {
        let json = Data(Self.configuration.utf8)
        let architecture = try Architectures.of(configuration: json)
        let shapes = try architecture.parameterShapes(configuration: json)
            .sorted { $0.key < $1.key }
        for index in 0...experts {
            let target = directory.appending(path: index == 0 ? "base" : "expert-\(index)")
            let file = target.appending(path: "model.safetensors")
            guard !FileManager.default.fileExists(atPath: file.path) else { continue }
            try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
            let tensors = shapes.map { name, shape in
                (name: name, content: SafeTensors.Content.floats(tensor(name, shape, index)))
            }
            try AtomicFile.write(json, to: target.appending(path: "config.json"))
            try SafeTensors.write(tensors, metadata: ["format": "pt"], to: file)
        }
    }

    private func tensor(_ name: String, _ shape: [Int], _ index: Int) -> Tensor {
        var base = SeededGenerator(seed: 0, name)
        var delta = SeededGenerator(seed: 0, name, index)
        let isScale = name.hasSuffix("LayerNorm.weight")
        return Tensor(shape) { output in
            for _ in 0..<shape.reduce(1, *) {
                let origin = (isScale ? 1 : 0) + 0.08 * (base.uniform() - 0.5)
                output.append(index == 0 ? origin : origin + 0.02 * (delta.uniform() - 0.5))
            }
        }
    }
}
