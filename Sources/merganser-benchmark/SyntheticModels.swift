import Checkpoints
import Foundation
import Tensors

/// A base and experts of random numbers, in directories of their own.
struct SyntheticModels {
    let directory: URL
    let experts: Int
    let configuration: String
    let shapes: [(name: String, shape: [Int])]
    let dtype: DType

    /// The directories, the base first.
    var directories: [URL] {
        (0...experts).map { directory.appending(path: $0 == 0 ? "base" : "expert-\($0)") }
    }

    /// The files of numbers, the base's first.
    var files: [URL] { directories.map { $0.appending(path: "model.safetensors") } }

    /// Writes `base/` and `expert-1/` … unless they are there already.
    func write() throws {
        for (index, target) in directories.enumerated()
        where !FileManager.default.fileExists(atPath: files[index].path) {
            try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
            let tensors = shapes.map { name, shape in
                (
                    name: name,
                    content: SafeTensors.Content.rounded(tensor(name, shape, index), dtype)
                )
            }
            try AtomicFile.write(
                Data(configuration.utf8),
                to: target.appending(path: "config.json")
            )
            try SafeTensors.write(tensors, metadata: ["format": "pt"], to: files[index])
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
