import Checkpoints
import Experiments
import Foundation
import Merging
import Tensors
import Testing

@Suite struct ScratchBench {
    @Test func bench() throws {
        let root = "/tmp/export-bench"
        for (method, extra) in [("task_arithmetic", ""), ("linear", ""), ("ties", ", density: 0.2")] {
            let text = """
                merge_method: \(method)
                base_model: \(root)/base
                models:
                  - {model: \(root)/e1, parameters: {weight: 0.3\(extra)}}
                  - {model: \(root)/e2, parameters: {weight: 0.3\(extra)}}
                  - {model: \(root)/e3, parameters: {weight: 0.3\(extra)}}
                """
            let recipe = try Recipe(RecipeDocument(text), methods: MethodSignature.all)
            for round in 0..<4 {
                let start = ContinuousClock.now
                try Merge.run(recipe, to: URL(filePath: "\(root)/out"), .init(replacing: .always))
                print("BENCH", method, round, ContinuousClock.now - start)
                let files = ["base", "e1", "e2", "e3"]
                let copy = ContinuousClock.now
                let process = Process()
                process.executableURL = URL(filePath: "/bin/sh")
                process.arguments = ["-c", "cd \(root) && for f in \(files.joined(separator: " ")); do cat $f/model.safetensors > /dev/null; done; cp base/model.safetensors copy && sync copy"]
                try process.run()
                process.waitUntilExit()
                print("BENCH read 4, cp 1, sync", ContinuousClock.now - copy)
            }
        }
    }
}
