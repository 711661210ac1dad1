internal import Checkpoints
internal import Foundation
internal import Merging
internal import Tensors

extension MergePlan {
    /// The plan of a merge by rule.
    init(rule merge: RuleMerge, workers: Workers) {
        let pool = merge.models.pool
        method = merge.method.card.name
        models = merge.models.all.map { Self.model($0, pool) }
        tasks = []
        vocabulary = merge.models.vocabulary?.summary
        chatTemplate = merge.tokenizer.chatTemplate
        tensors = pool.parameters.count
        elements = pool.parameters.reduce(0) { $0 + $1.count }
        // A model's number is multiplied and added.
        operations = 2 * Double(elements) * Double(pool.experts.count)
        // Hashing the inputs is about two thirds of a merge's work.
        let bytes = models.reduce(0) { $0 + $1.bytes }
        minutes = 1.5 * Double(bytes) / (Self.hashRate * Double(workers.count)) / 60
        // Each worker has a block of every model and of what comes of them.
        memory = 4 * workers.count * (2 * merge.models.all.count + 4) * Blocks.size + 32 << 20
        disk = merge.tensors.map(\.declaration).reduce(0) {
            $0 + ($1.dtype.byteCount(of: $1.shape) ?? 0)
        }
    }

    private static func model(_ model: SourceModel, _ pool: ModelPool) -> Model {
        let place = pool.experts.firstIndex(of: model.reference.description)
        return Model(
            name: model.reference.title,
            path: model.vector?.url.path ?? (model.adapter ?? model.directory).url.path,
            kind: place == nil
                ? "base"
                : model.vector != nil ? "vector" : model.adapter == nil ? "expert" : "adapter",
            parameters: place.map { changedParameters(by: $0, in: pool) } ?? pool.parameters.count,
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
