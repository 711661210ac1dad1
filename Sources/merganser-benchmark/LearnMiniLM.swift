import Autograd
import Checkpoints
import Experiments
import Foundation
import Merging
import Tasks
import Tensors
import Transformers

/// One step of tensor-wise learning: four dense experts, 16 texts of 64 tokens of each task.
struct LearnMiniLM {
    static let (tasks, batch, length) = (4, 16, 64)

    let directory: URL
    let ceiling: Ceiling

    /// Models of the shape of all-MiniLM-L6-v2, the experts with a head of six classes.
    func models() throws -> SyntheticModels {
        let configuration = """
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
        let json = Data(configuration.utf8)
        let shapes = try Architectures.of(configuration: json)
            .parameterShapes(configuration: json)
        return SyntheticModels(
            directory: directory,
            experts: Self.tasks,
            configuration: configuration,
            shapes: shapes.sorted { $0.key < $1.key }.map { (name: $0.key, shape: $0.value) },
            dtype: .float32
        )
    }

    /// The matrix products of a step, forwards and twice as many backwards.
    static var operations: Double {
        let (layers, width, inner) = (6.0, 384.0, 1536.0)
        let tokens = Double(tasks * batch * length)
        let linear = layers * (4 * width * width + 2 * width * inner)
        let attention = layers * 2 * width * Double(length)
        return 3 * 2 * tokens * (linear + attention)
    }

    func run(steps: Int) throws -> Measurement {
        let models = try models()
        try models.write()
        let base = try ModelDirectory(models.directories[0])
        let experts = try models.directories.dropFirst().map {
            try TaskExpert(name: $0.lastPathComponent, directory: ModelDirectory($0), base: base)
        }
        let checkpoint = try base.checkpoint()
        let names = Set(checkpoint.names.filter { !experts[0].architecture.isHead($0) })
        let pool = try ModelPool(
            base: .init(name: "base", checkpoint: checkpoint),
            experts: experts.map(\.member),
            names: names
        )
        let tasks = experts.enumerated().map { index, expert in
            var generator = SeededGenerator(seed: 1, "ids", index)
            let texts = (0..<Self.batch).map { _ in
                (0..<Self.length).map { _ in
                    Int32(truncatingIfNeeded: generator.next() % 30_000)
                }
            }
            return LearningTask(
                name: expert.name,
                weight: 1,
                expert: expert,
                examples: EncodedExamples(tokens: TokenBatch(texts))
            )
        }
        let objective = PredictionObjective(
            ObjectiveTerms(),
            tasks: tasks,
            batchSize: Self.batch,
            steps: steps,
            seed: 0
        ) { _, _, _ in [] }
        let timing = StepTiming(ceiling: ceiling, operations: Self.operations, steps: steps)
        return try timing.learn("learn-minilm", from: pool, objective)
    }
}
