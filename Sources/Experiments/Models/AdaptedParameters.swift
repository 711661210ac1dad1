internal import Autograd
internal import Checkpoints
internal import Merging
internal import Tensors

/// A base with one adapter laid over it: `W + s·B·A` where the adapter has an update, the adapter's
/// own tensor where it replaces one, and its head.
struct AdaptedParameters: ParameterSource {
    private let replaced: CheckpointParameters
    private let updated: MergedParameters
    /// All parameters: the base's by the base's names, then those that only the adapter has.
    let declarations: [TensorDeclaration]

    init(
        _ adapter: Adapter,
        named name: String,
        over base: Checkpoint,
        named baseName: String
    ) throws {
        let origin = base.floatingPointDeclarations
        let matching = NameMatching(
            wanted: origin.map(\.name),
            available: adapter.replaced.keys.sorted()
        )
        var views = matching.matches.compactMapValues { adapter.replaced[$0] }
        for name in matching.unmatchedAvailable { views[name] = adapter.replaced[name] }
        let pool = try ModelPool(
            base: .init(name: baseName, checkpoint: base),
            experts: [ModelPool.Member(name: name, adapter: adapter)],
            names: Set(origin.map(\.name)).subtracting(views.keys)
        )
        // One expert with λ = 1 is that expert.
        updated = MergedParameters(
            PlainTaskVectors(pool),
            coefficients: pool.parameters.reduce(into: [:]) { $0[$1.name] = [1] }
        )
        replaced = CheckpointParameters(views, named: name)
        let names = origin.map(\.name) + matching.unmatchedAvailable
        let shapes = origin.reduce(into: [:]) { $0[$1.name] = $1.shape }
        declarations = names.compactMap { name in
            (views[name]?.shape ?? shapes[name]).map {
                TensorDeclaration(name: name, dtype: .float32, shape: $0)
            }
        }
    }

    func parameter(named name: String, shape: [Int]) throws -> Variable {
        try holder(of: name).parameter(named: name, shape: shape)
    }

    func rows(_ indices: [Int32], ofParameterNamed name: String, shape: [Int]) throws -> Variable {
        try holder(of: name).rows(indices, ofParameterNamed: name, shape: shape)
    }

    func expect(parameterNamed name: String, shape: [Int]) throws {
        try holder(of: name).expect(parameterNamed: name, shape: shape)
    }

    func contains(_ name: String) -> Bool { replaced.contains(name) || updated.contains(name) }

    private func holder(of name: String) -> any ParameterSource {
        replaced.contains(name) ? replaced : updated
    }
}
