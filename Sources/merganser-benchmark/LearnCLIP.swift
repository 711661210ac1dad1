import Checkpoints
import Foundation
import Merging
import Tensors

/// Learning from and evaluating 16 pictures of each of eight tasks with CLIP ViT-B/32.
struct LearnCLIP {
    let directory: URL
    /// The format in which the experts are stored.
    let dtype: DType
    let ceiling: Ceiling

    /// Steps of tensor-wise learning.
    func learn(steps: Int) throws -> Measurement {
        let clip = try CLIPViTB32(directory: directory, experts: dtype)
        let timing = StepTiming(ceiling: ceiling, operations: clip.stepOperations, steps: steps)
        return try timing.learn("learn-vit-b32", from: clip.pool(), clip.objective())
    }

    /// Evaluations of the merged model, whose parameters were formed before, as for a whole split.
    func evaluate(steps: Int) throws -> Measurement {
        let clip = try CLIPViTB32(directory: directory, experts: dtype)
        let pool = try clip.pool()
        let merged = MergedParameters(
            PlainTaskVectors(pool),
            coefficients: StepTiming.coefficients(pool).byParameter
        )
        try merged.form(pool.parameters.map(\.name), on: ceiling.workers)
        let passes = try clip.objective().passes(at: 0)
        let timing = StepTiming(ceiling: ceiling, operations: clip.forwardOperations, steps: steps)
        return try timing.run("forward-vit-b32") {
            try ceiling.workers.forEach(passes.count) { _ = try passes[$0](merged) }
        }
    }
}
