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
    /// The format of the experts' numbers, where it is another than the base's.
    var expertDType: DType?

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
            try AtomicFile.write(
                Data(configuration.utf8),
                to: target.appending(path: "config.json")
            )
            try writeNumbers(of: index, to: files[index])
        }
    }

    /// Writes numbers in blocks, so that making them leaves no mark on the memory of what is timed.
    private func writeNumbers(of index: Int, to file: URL) throws {
        let block = 1 << 18
        let dtype = index == 0 ? dtype : expertDType ?? dtype
        let writer = try CheckpointWriter(
            file: file,
            tensors: shapes.map { TensorDeclaration(name: $0.name, dtype: dtype, shape: $0.shape) },
            metadata: ["format": "pt"]
        )
        for (name, shape) in shapes {
            var base = SeededGenerator(seed: 0, name)
            var delta = SeededGenerator(seed: 0, name, index)
            let isScale = name.lowercased().contains("norm") && name.hasSuffix(".weight")
            let center: Float = isScale ? 1 : 0
            let count = shape.reduce(1, *)
            for start in stride(from: 0, to: count, by: block) {
                let numbers = (start..<min(start + block, count)).map { _ in
                    let origin = center + 0.08 * (base.uniform() - 0.5)
                    return index == 0 ? origin : origin + 0.02 * (delta.uniform() - 0.5)
                }
                try writer.append(numbers.span, to: name)
            }
        }
        try writer.finish()
    }
}
