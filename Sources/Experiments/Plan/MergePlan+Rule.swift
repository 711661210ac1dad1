internal import Checkpoints
internal import Foundation
internal import Merging
internal import Tensors

extension MergePlan {
    /// The plan of a merge by rule.
    init(rule merge: RuleMerge, workers: Workers) {
        let parts = merge.models.parts
        method = merge.method.card.name
        models = merge.models.all.map { Self.model($0, parts) }
        tasks = []
        vocabulary = merge.models.vocabulary?.summary
        chatTemplate = merge.tokenizer.chatTemplate
        let sizes = parts.map { part in part.pool.parameters.reduce(0) { $0 + $1.count } }
        tensors = parts.reduce(0) { $0 + $1.pool.parameters.count }
        elements = sizes.reduce(0, +)
        // A model's number is multiplied and added.
        operations = zip(parts, sizes).reduce(0) { sum, part in
            sum + 2 * Double(part.1) * Double(part.0.pool.experts.count)
        }
        // Hashing the inputs is about two thirds of a merge's work.
        let bytes = models.reduce(0) { $0 + $1.bytes }
        minutes = 1.5 * Double(bytes) / (Self.hashRate * Double(workers.count)) / 60
        // Each worker has a block of every model and of what comes of them.
        memory = 4 * workers.count * (2 * merge.models.all.count + 4) * Blocks.size + 32 << 20
        disk = merge.tensors.map(\.declaration).reduce(0) {
            $0 + ($1.dtype.byteCount(of: $1.shape) ?? 0)
        }
    }

    private static func model(_ model: SourceModel, _ parts: [MergePart]) -> Model {
        let name = model.reference.description
        // A model may be an expert of one slice and the base of another.
        let isExpert = parts.contains { $0.pool.experts.contains(name) }
        let parameters = parts.reduce(0) { sum, part in
            let places = part.pool.experts.indices.filter { part.pool.experts[$0] == name }
            if places.isEmpty, part.base == name { return sum + part.pool.parameters.count }
            return sum + places.map { changedParameters(by: $0, in: part.pool) }.reduce(0, +)
        }
        return Model(
            name: model.reference.title,
            path: model.vector?.url.path ?? (model.adapter ?? model.directory).url.path,
            kind: !isExpert
                ? "base"
                : model.vector != nil ? "vector" : model.adapter == nil ? "expert" : "adapter",
            parameters: parameters,
            bytes: bytes(model.files)
        )
    }

    /// The bytes that one worker hashes in a second, now.
    private static var hashRate: Double {
        let data = Data(count: 8 << 20)
        let start = ContinuousClock.now
        _ = SHA256Hash.of(data)
        return Double(data.count) / max((ContinuousClock.now - start) / .seconds(1), 1e-6)
    }
}
