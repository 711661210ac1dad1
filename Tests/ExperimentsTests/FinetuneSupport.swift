import Autograd
import Checkpoints
import Experiments
import Foundation
import Synchronization
import Tensors
import TestSupport
import Testing

/// The fixture that PyTorch fine-tuned, and a folder of its own for a test.
struct FinetuneFixture {
    static let directory = Golden.repository.appending(path: "Tests/Fixtures/finetune/bert")
    static let base = directory.appending(path: "base")
    static let inputs = directory.appending(path: "inputs.safetensors")

    /// A folder that is removed when the test ends.
    let folder: Folder

    init() throws { folder = try Folder() }

    final class Folder {
        let url: URL

        init() throws {
            url = FileManager.default.temporaryDirectory
                .appending(path: "finetune-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(at: url) }
    }

    func file(_ name: String) -> URL { folder.url.appending(path: name) }

    /// Three steps of four texts, with the settings that the fixture was made with.
    static func recipe(lora: LowRankParameters? = nil, steps: Int = 3) -> FinetuneRecipe {
        recipe(base: base, data: inputs, lora: lora, steps: steps)
    }

    static func recipe(
        base: URL,
        data: URL,
        lora: LowRankParameters? = nil,
        steps: Int = 3
    ) -> FinetuneRecipe {
        var recipe = FinetuneRecipe(
            baseModel: ModelReference(.init(.directory(base.path))),
            task: FinetuneTask("bert", data: TaskData(data.path)),
            lora: lora
        )
        recipe.length = .steps(steps)
        recipe.batchSize = 4
        recipe.optimizer = OptimizerParameters(.adamw, learningRate: 5e-4, weightDecay: 0.1)
        recipe.optimizer.epsilon = 1e-6
        recipe.schedule = ScheduleParameters(warmup: .steps(1), decay: .linear, gradientClip: 1)
        return recipe
    }

    /// The adapter of the fixture: rank 2, but 3 on the layers between.
    static var lora: LowRankParameters {
        var lora = LowRankParameters()
        (lora.rank, lora.alpha, lora.rankPattern) = (2, 6, ["intermediate.dense": 3])
        return lora
    }
}

/// An observer that stops after a number of steps.
func stopping(after steps: Int) -> Observer {
    let asked = Atomic<Int>(0)
    return Observer(isCancelled: { asked.add(1, ordering: .relaxed).newValue >= steps })
}

/// The bytes of a file of numbers.
func bytes(_ url: URL) throws -> Data { try Data(contentsOf: url) }
