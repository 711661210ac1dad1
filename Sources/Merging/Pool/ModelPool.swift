public import Checkpoints
public import OrderedCollections
internal import Tensors

/// A base model and the experts that were fine-tuned from it, matched parameter by parameter.
///
/// Only headers are read. Parameters are known by the base's names; where an expert spells them
/// otherwise (`bert.encoder…` for `encoder…`), the spelling is found. What does not match is
/// reported all at once.
public struct ModelPool: Sendable {
    /// What one model brings to a merge.
    public struct Member: Sendable {
        /// The name in messages and files: usually the last component of its path.
        public let name: String
        /// The weights that it holds as a whole: all of them, or what an adapter replaces.
        public let weights: OrderedDictionary<String, TensorView>
        /// The low-rank changes of an adapter; `nil` for a dense model.
        public let lowRank: [String: Adapter.LowRank]?

        /// A dense model.
        public init(name: String, checkpoint: Checkpoint) {
            self.name = name
            weights = checkpoint.names.reduce(into: [:]) { $0[$1] = checkpoint[$1] }
            lowRank = nil
        }

        /// An adapter of the base.
        public init(name: String, adapter: Adapter) {
            self.name = name
            weights = OrderedDictionary(
                uniqueKeysWithValues: adapter.replaced.sorted { $0.key < $1.key }
            )
            lowRank = adapter.lowRank
        }
    }

    /// One parameter of the base with what each expert has in its place.
    public struct Parameter: Sendable {
        /// The base's name of it.
        public let name: String
        /// The length of each dimension.
        public let shape: [Int]
        /// The format in which the base stores it.
        public let dtype: DType
        /// The base's values; `nil` in a pool without a base.
        public let base: TensorView?
        /// The experts' values, in their order.
        public let experts: [ExpertParameter]

        /// The number of elements.
        public var count: Int { shape.reduce(1, *) }
    }

    /// The names of the experts, in the order of the recipe.
    public let experts: [String]
    /// The parameters to merge, in the order of the base's file.
    public let parameters: [Parameter]
    /// Whether task vectors exist: they need a base.
    public let hasBase: Bool

    /// Matches the experts' parameters with the base's.
    ///
    /// Without a base, the first expert's names and formats count. Of the base's parameters those
    /// in `names` are merged; by default all that are numbers. What does not match is thrown
    /// together, as `MergeError.mismatches`.
    public init(
        base: (name: String, checkpoint: Checkpoint)?,
        experts: [Member],
        names: Set<String>? = nil
    ) throws {
        guard
            let reference = base.map({ Member(name: $0.name, checkpoint: $0.checkpoint) })
                ?? experts.first
        else { throw MergeError.noModels }
        guard base != nil || experts.allSatisfy({ $0.lowRank == nil }) else {
            throw MergeError.adapterWithoutBase
        }
        let wanted = Array(reference.weights.keys).filter { name in
            names?.contains(name) ?? (reference.weights[name]?.dtype.isFloatingPoint == true)
        }
        let shapes = reference.weights.mapValues(\.shape)
        var mismatches: [Mismatch] = []
        let columns = try experts.map { member in
            try Self.match(member, to: wanted, shapes: shapes, &mismatches)
        }
        guard mismatches.isEmpty else { throw MergeError.mismatches(mismatches) }
        self.experts = experts.map(\.name)
        hasBase = base != nil
        parameters = wanted.compactMap { name in
            reference.weights[name].map { view in
                Parameter(
                    name: name,
                    shape: view.shape,
                    dtype: view.dtype,
                    base: base == nil ? nil : view,
                    experts: columns.map { $0[name] ?? .unchanged }
                )
            }
        }
    }

    /// The parameter of a name.
    public subscript(name: String) -> Parameter? { parameters.first { $0.name == name } }

    /// What one model has in the place of each wanted parameter.
    private static func match(
        _ member: Member,
        to wanted: [String],
        shapes: OrderedDictionary<String, [Int]>,
        _ mismatches: inout [Mismatch]
    ) throws -> [String: ExpertParameter] {
        var found: [String: ExpertParameter] = [:]
        func take(_ name: String, shape: [Int], _ parameter: () throws -> ExpertParameter) throws {
            let expected = shapes[name] ?? []
            guard shape == expected else {
                mismatches.append(
                    .shape(parameter: name, model: member.name, expected: expected, found: shape)
                )
                return
            }
            found[name] = try parameter()
        }
        let whole = NameMatching(wanted: wanted, available: Array(member.weights.keys))
        for name in wanted {
            if let view = whole.matches[name].flatMap({ member.weights[$0] }) {
                try take(name, shape: view.shape) { .dense(view) }
            } else if member.lowRank == nil {
                mismatches.append(.missing(parameter: name, model: member.name))
            }
        }
        guard let lowRank = member.lowRank else { return found }
        let changed = NameMatching(wanted: wanted, available: lowRank.keys.sorted())
        mismatches += changed.unmatchedAvailable.map {
            .unknownModule(module: $0, model: member.name)
        }
        for name in wanted {
            guard let pair = changed.matches[name].flatMap({ lowRank[$0] }) else { continue }
            try take(name, shape: pair.weightShape) { try .lowRank(pair) }
        }
        return found
    }
}

extension ExpertParameter {
    /// The factors of an adapter's change, in the orientation of the weight they change.
    static func lowRank(_ pair: Adapter.LowRank) throws -> ExpertParameter {
        let (a, b) = try (pair.a.tensor(), pair.b.tensor())
        return pair.isTransposed
            ? .lowRank(a: b.transposed(), b: a.transposed(), scale: pair.scale)
            : .lowRank(a: a, b: b, scale: pair.scale)
    }
}
