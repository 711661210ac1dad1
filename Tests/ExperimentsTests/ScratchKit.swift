import Checkpoints
import Experiments
import Foundation
import Merging
import Tensors
import Testing

@Suite struct ScratchKit {
    @Test func kit() throws {
        let models = "/work/shared/golden/merge/models"
        for (set, count) in [("llama", 4), ("llama-bf16", 2), ("bert", 3)] {
            let base = URL(filePath: "\(models)/\(set)/base")
            let experts = (0..<count).map { URL(filePath: "\(models)/\(set)/expert-\($0)") }
            let pool = try ModelPool(
                base: ("base", Checkpoint(at: base)),
                experts: experts.map { .init(name: $0.path, checkpoint: try Checkpoint(at: $0)) }
            )
            for granularity in Merging.Granularity.allCases {
                var c = Coefficients(
                    granularity,
                    models: pool.experts,
                    parameters: pool.parameters.map(\.name),
                    initial: 0
                )
                for g in c.groups.indices {
                    for m in c.models.indices {
                        c.lambda[g][m] = Float(g * 7 + m * 3 + 1) / 97 - 0.1
                    }
                }
                var recipe = c.mergekitRecipe(
                    base: ModelReference(base),
                    experts: experts.map { ModelReference($0) },
                    unmerged: []
                )
                recipe.dtype = .float32
                if set == "llama-bf16" { recipe.outDtype = .bfloat16 }
                try Merge.run(
                    recipe,
                    to: URL(filePath: "/tmp/export-bench/mk-\(set)-\(granularity)"),
                    .init(replacing: .always)
                )
            }
        }
    }
}
