public import Checkpoints
internal import OrderedCollections

/// A base model and the experts that were fine-tuned from it, matched parameter by parameter.
///
/// Only headers are read. Parameters are known by the base's names; where an expert spells them
/// otherwise (`bert.encoder…` for `encoder…`), the spelling is found. What does not match is
/// reported all at once.
public struct ModelPool: Sendable {
    /// One parameter of the base with what each expert has in its place.
    public struct Parameter: Sendable {
        /// The base's name of it.
        public let name: String
        /// The length of each dimension.
        public let shape: [Int]
        /// The format in which the base stores it.
        public let dtype: DType
        /// The base's values; `nil` in a pool without a base.
        public let base: ParameterView?
        /// The experts' values, in their order.
        public let experts: [ExpertParameter]

        /// The number of elements.
        public var count: Int { shape.reduce(1, *) }

        /// Whether every expert left it as the base has it.
        var isUnchanged: Bool {
            experts.allSatisfy { if case .unchanged = $0 { true } else { false } }
        }

        /// Whatever is read whole for it: the base's and the experts'.
        var views: [ParameterView] { ([base] + experts.map(\.view)).compactMap(\.self) }
    }

    /// The names of the experts, in the order of the recipe.
    public let experts: [String]
    /// The parameters to merge, in the order of the base's file.
    public let parameters: [Parameter]
    /// Whether task vectors exist: they need a base.
    public let hasBase: Bool

    /// Matches the experts' parameters with the base's.
    ///
    /// Without a base, the first expert's names and formats count, and the others may not have more.
    /// Of the base's parameters those in `names` are merged; by default all that are numbers. With
    /// `rounding`, every model is rounded to that format before anything else is done; with
    /// `gathering`, tables by token are laid out anew. What does not match is thrown together, as
    /// `MergeError.mismatches`.
    public init(
        base: Member?,
        experts: [Member],
        names: Set<String>? = nil,
        rounding: DType? = nil,
        gathering: RowGathering? = nil
    ) throws {
        guard let reference = base ?? experts.first else { throw MergeError.noModels }
        guard base != nil || experts.allSatisfy(\.isWhole) else {
            throw MergeError.adapterWithoutBase
        }
        // Wider formats hold every float32 as it is.
        let rounding = rounding.flatMap { $0.bitCount < 32 ? $0 : nil }
        let wanted = Array(reference.weights.keys).filter { name in
            names?.contains(name) ?? (reference.weights[name]?.dtype.isFloatingPoint == true)
        }
        var matching = ParameterMatching(
            wanted: wanted,
            reference: reference,
            rounding: rounding,
            gathering: gathering
        )
        let first = base == nil ? 0 : 1
        let columns = try experts.enumerated().map { try matching.match($1, at: first + $0) }
        if base == nil, names == nil { experts.forEach { matching.noteSurplus(of: $0) } }
        guard matching.mismatches.isEmpty else {
            throw MergeError.mismatches(matching.mismatches)
        }
        self.experts = experts.map(\.name)
        hasBase = base != nil
        parameters = wanted.compactMap { name in
            reference.weights[name].map { view in
                Parameter(
                    name: name,
                    shape: view.shape,
                    dtype: view.dtype,
                    base: base == nil ? nil : ParameterView(view, rounding: rounding),
                    experts: columns.map { $0[name] ?? .unchanged }
                ).gathered(by: gathering, rounding: rounding)
            }
        }
    }

    private init(experts: [String], parameters: [Parameter], hasBase: Bool) {
        (self.experts, self.parameters, self.hasBase) = (experts, parameters, hasBase)
    }

    /// The pool with some of its parameters.
    public func keeping(_ isKept: (Parameter) -> Bool) -> ModelPool {
        mapping { isKept($0) ? [$0] : [] }
    }

    /// The pool with others, or none, in the place of each parameter.
    func mapping(_ others: (Parameter) -> [Parameter]) -> ModelPool {
        ModelPool(experts: experts, parameters: parameters.flatMap(others), hasBase: hasBase)
    }

    /// The pool with one of its experts.
    public func only(_ expert: Int) -> ModelPool {
        ModelPool(
            experts: [experts[expert]],
            parameters: parameters.map {
                Parameter(
                    name: $0.name,
                    shape: $0.shape,
                    dtype: $0.dtype,
                    base: $0.base,
                    experts: [$0.experts[expert]]
                )
            },
            hasBase: hasBase
        )
    }

    /// The parameter of a name.
    public subscript(name: String) -> Parameter? { parameters.first { $0.name == name } }
}
