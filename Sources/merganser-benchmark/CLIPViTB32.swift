import Autograd
import Checkpoints
import Foundation
import Merging
import Tensors
import Transformers

/// The workload of the merging literature: eight experts of CLIP ViT-B/32's image tower, each with
/// pictures of its own and a head of normalized class vectors.
struct CLIPViTB32 {
    static let (tasks, batch, classes) = (8, 16, 10)
    /// The tokens of a picture: the class token, and one of each patch.
    static let length = 1 + patches
    private static let (size, patch) = (224, 32)
    private static let patches = (size / patch) * (size / patch)

    let models: SyntheticModels
    let architecture: Architecture
    let configuration: Data

    /// The models in a directory, all but the base in a format of their own.
    init(directory: URL, experts dtype: DType) throws {
        let json = """
            {
              "architectures": ["CLIPVisionModelWithProjection"],
              "model_type": "clip_vision_model", "hidden_size": 768, "intermediate_size": 3072,
              "projection_dim": 512, "num_hidden_layers": 12, "num_attention_heads": 12,
              "num_channels": 3, "image_size": \(Self.size), "patch_size": \(Self.patch),
              "hidden_act": "quick_gelu", "layer_norm_eps": 1e-5
            }
            """
        configuration = Data(json.utf8)
        architecture = try Architectures.of(configuration: configuration)
        models = SyntheticModels(
            directory: directory.appending(path: "clip-\(dtype)".lowercased()),
            experts: Self.tasks,
            configuration: json,
            shapes: try architecture.parameterShapes(configuration: configuration)
                .sorted { $0.key < $1.key }.map { (name: $0.key, shape: $0.value) },
            dtype: .float32,
            expertDType: dtype
        )
    }

    /// The base with its experts.
    func pool() throws -> ModelPool {
        try models.write()
        let checkpoints = try models.directories.map { try ModelDirectory($0).checkpoint() }
        return try ModelPool(
            base: .init(name: "base", checkpoint: checkpoints[0]),
            experts: checkpoints.enumerated().dropFirst().map {
                ModelPool.Member(name: "expert-\($0)", checkpoint: $1)
            }
        )
    }

    /// The mean entropy of every task's predictions, in passes of half a batch.
    func objective() -> some MergeObjective {
        Objective(
            passes: (0..<Self.tasks).flatMap { task in
                let head = random([Self.classes, 512], "head", task)
                let half = Self.batch / 2
                return (0..<2).map { part in
                    Pass(
                        task: task,
                        architecture: architecture,
                        configuration: configuration,
                        pixels: random([half, 3, Self.size, Self.size], "pixels", 2 * task + part),
                        head: Variable(constant: head).unitRows()
                    )
                }
            }
        )
    }

    private func random(_ shape: [Int], _ name: String, _ index: Int) -> Tensor {
        var generator = SeededGenerator(seed: 1, name, index)
        return Tensor(shape) { output in
            for _ in 0..<output.capacity { output.append(2 * generator.uniform() - 1) }
        }
    }
}

extension CLIPViTB32 {
    /// The operations of the matrix products of all pictures' way through the model.
    ///
    /// Every weight takes one multiplication and one addition for each row that it meets; attention
    /// takes two products of each token with all tokens of its picture.
    var forwardOperations: Double { products.patches + products.others }

    /// The operations of the products of a step: each product has two on its way back, but those of
    /// the patches, which nothing is learned from, have one.
    var stepOperations: Double { 2 * products.patches + 3 * products.others }

    private var products: (patches: Double, others: Double) {
        let pictures = Double(Self.tasks * Self.batch)
        let tokens = pictures * Double(Self.length)
        var (patches, others) = (0.0, 0.0)
        for (name, shape) in models.shapes where shape.count > 1 {
            let size = Double(shape.reduce(1, *))
            switch name {
            case _ where name.hasSuffix("patch_embedding.weight"):
                patches += 2 * pictures * Double(Self.patches) * size
            case _ where name.hasSuffix("position_embedding.weight"): break
            case _ where name.hasPrefix("visual_projection"): others += 2 * pictures * size
            default: others += 2 * tokens * size
            }
            if name.hasSuffix("q_proj.weight") {
                others += 2 * 2 * tokens * Double(Self.length * shape[0])
            }
        }
        return (patches, others)
    }
}

/// The sum of the tasks' mean entropies.
private struct Objective: MergeObjective {
    let passes: [Pass]

    var tasks: [String] { (1...CLIPViTB32.tasks).map { "task-\($0)" } }

    func passes(at step: Int) throws -> [any ObjectivePass] { passes }
}

/// Some pictures of one task.
private struct Pass: ObjectivePass {
    let task: Int
    let architecture: Architecture
    let configuration: Data
    let pixels: Tensor
    /// The classes' vectors, of unit length: `[classes, projection]`.
    let head: Variable

    func callAsFunction(_ merged: any ParameterSource) throws -> PassResult {
        let model = try architecture.model(configuration: configuration, from: merged)
        guard let embeddings = try model(.pixels(pixels))["image_embeds"] else {
            preconditionFailure("\(architecture.name) gives no image_embeds")
        }
        let logits = Variable.linear(embeddings.unitRows(), head) * 100
        let entropies = logits.softmaxEntropy()
        let probabilities = logits.value.softmax()
        return PassResult(
            loss: entropies.sum() * (1 / Float(CLIPViTB32.batch)),
            tally: PredictionTally(
                task: task,
                count: entropies.value.count,
                entropy: entropies.value.sum(),
                probabilities: probabilities.summed(to: [CLIPViTB32.classes])
                    .elements.map(Double.init)
            )
        )
    }
}
