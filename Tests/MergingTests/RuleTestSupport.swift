import Checkpoints
import Foundation
import Merging
import Tensors

/// Options of a test: one table for the merge, and one for each model.
struct TestOptions: OptionSource {
    var merge: [String: OptionValue] = [:]
    var models: [[String: OptionValue]] = []
    var seed: UInt64 = 0

    func value(of option: String, parameter: String, model: Int?) -> OptionValue? {
        let own = model.flatMap { models.indices.contains($0) ? models[$0][option] : nil }
        return own ?? merge[option]
    }
}

/// Small models of vectors, in files as every model is; removed with the last reference.
final class VectorModels {
    private let folder = FileManager.default.temporaryDirectory
        .appending(path: "vectors-\(UUID().uuidString)")
    private(set) var pool: ModelPool

    /// A base, if there is one, and experts; each the vectors of one model by name, or tensors of
    /// other shapes.
    init(
        base: [String: [Float]]?,
        experts: [[String: [Float]]],
        shapes: [String: [Int]] = [:]
    ) throws {
        let folder = folder
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        func write(_ vectors: [String: [Float]], _ name: String) throws -> Checkpoint {
            let file = folder.appending(path: "\(name).safetensors")
            let tensors = vectors.sorted { $0.key < $1.key }.map {
                (
                    name: $0.key,
                    content: SafeTensors.Content.floats(
                        Tensor(shapes[$0.key] ?? [$0.value.count], $0.value)
                    )
                )
            }
            try SafeTensors.write(tensors, to: file)
            return try Checkpoint(at: file)
        }
        pool = try ModelPool(
            base: base.map { .init(name: "base", checkpoint: try write($0, "base")) },
            experts: experts.enumerated().map { index, vectors in
                .init(name: "expert-\(index)", checkpoint: try write(vectors, "expert-\(index)"))
            }
        )
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// What a method makes of them.
    func merged(_ method: MergeMethod, _ options: TestOptions) throws -> [String: [Float]] {
        let plan = try method.plan(pool, options: options, workers: Workers(1))
        return try merged(by: plan)
    }

    func merged(by plan: @escaping MergeMethod.Plan) throws -> [String: [Float]] {
        let blocks = MergedBlocks(of: pool, by: plan, storedAs: nil)
        var result = pool.parameters.reduce(into: [:]) {
            $0[$1.name] = [Float](repeating: .nan, count: $1.count)
        }
        for piece in (0..<blocks.count).reversed() {
            guard let block = try blocks.form(piece) else { continue }
            result[block.parameter.name]?
                .replaceSubrange(block.range, with: block.elements.elements)
        }
        return result
    }
}
