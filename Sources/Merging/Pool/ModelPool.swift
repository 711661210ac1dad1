public import Checkpoints

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
        /// Its weights; for an adapter, those that it replaces as a whole.
        public let checkpoint: Checkpoint?
        /// The low-rank changes of an adapter.
        public let adapter: Adapter?

        /// A dense model, or an adapter of the base.
        public init(name: String, checkpoint: Checkpoint?, adapter: Adapter? = nil) {
            (self.name, self.checkpoint, self.adapter) = (name, checkpoint, adapter)
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
    /// - Parameters:
    ///   - base: the model that the experts were fine-tuned from; without one, the first expert's
    ///     names and formats count.
    ///   - names: which of the base's parameters to merge; `nil` for all that are numbers.
    /// - Throws: `MergeError.mismatches` with everything that does not match.
    public init(
        base: (name: String, checkpoint: Checkpoint)?,
        experts: [Member],
        names: Set<String>? = nil
    ) throws {
        guard let reference = base?.checkpoint ?? experts.first?.checkpoint else {
            throw MergeError.noModels
        }
        let wanted = reference.names.filter { name in
            names?.contains(name) ?? (reference[name]?.dtype.isFloatingPoint == true)
        }
        var mismatches: [Mismatch] = []
        let columns = try experts.map { member in
            try Self.match(member, to: wanted, of: reference, strict: names == nil, &mismatches)
        }
        guard mismatches.isEmpty else { throw MergeError.mismatches(mismatches) }
        self.experts = experts.map(\.name)
        hasBase = base != nil
        parameters = wanted.compactMap { name in
            reference[name].map { view in
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

    private static func match(
        _ member: Member,
        to wanted: [String],
        of reference: Checkpoint,
        strict: Bool,
        _ mismatches: inout [Mismatch]
    ) throws -> [String: ExpertParameter] {
        var found: [String: ExpertParameter] = [:]
        if let checkpoint = member.checkpoint {
            let matching = NameMatching(wanted: wanted, available: checkpoint.names)
            for name in wanted {
                guard let other = matching.matches[name], let view = checkpoint[other],
                    let expected = reference[name]?.shape
                else {
                    if member.adapter == nil {
                        mismatches.append(.missing(parameter: name, model: member.name))
                    }
                    continue
                }
                guard view.shape == expected else {
                    mismatches.append(
                        .shape(
                            parameter: name,
                            model: member.name,
                            expected: expected,
                            found: view.shape
                        )
                    )
                    continue
                }
                found[name] = .dense(view)
            }
        }
        if let adapter = member.adapter {
            let matching = NameMatching(wanted: wanted, available: Array(adapter.lowRank.keys))
            let used = Set(wanted.compactMap { matching.matches[$0] })
            for stray in adapter.lowRank.keys.sorted() where !used.contains(stray) {
                mismatches.append(.unknownModule(module: stray, model: member.name))
            }
            for name in wanted {
                guard let module = matching.matches[name], let pair = adapter.lowRank[module],
                    let expected = reference[name]?.shape
                else { continue }
                let shape = [pair.b.shape[0], pair.a.shape[1]]
                guard shape == expected else {
                    mismatches.append(
                        .shape(
                            parameter: name,
                            model: member.name,
                            expected: expected,
                            found: shape
                        )
                    )
                    continue
                }
                found[name] = .lowRank(
                    a: try pair.a.tensor(),
                    b: try pair.b.tensor(),
                    scale: pair.scale
                )
            }
        }
        return found
    }
}
