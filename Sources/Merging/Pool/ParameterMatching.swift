internal import Checkpoints
internal import OrderedCollections
internal import Tensors

/// Finds what each model has in the place of the parameters that are wanted, and notes whatever
/// does not match.
struct ParameterMatching {
    /// The names of the parameters to merge.
    let wanted: [String]
    /// The model whose names and shapes count.
    let reference: ModelPool.Member
    /// The format that the models are rounded to first.
    let rounding: DType?
    /// Everything that did not match so far.
    private(set) var mismatches: [Mismatch] = []

    init(wanted: [String], reference: ModelPool.Member, rounding: DType?) {
        (self.wanted, self.reference, self.rounding) = (wanted, reference, rounding)
    }

    /// What one model has in the place of each wanted parameter.
    mutating func match(_ member: ModelPool.Member) throws -> [String: ExpertParameter] {
        var dense: [String: TensorView] = [:]
        let whole = NameMatching(wanted: wanted, available: Array(member.weights.keys))
        for name in wanted {
            if let view = whole.matches[name].flatMap({ member.weights[$0] }) {
                if agrees(view.shape, name, member) { dense[name] = view }
            } else if member.isWhole {
                mismatches.append(
                    .missing(parameter: member.ownName(of: name), model: member.name)
                )
            }
        }
        var found = dense.mapValues { ExpertParameter.dense(.init($0, rounding: rounding)) }
        guard let lowRank = member.lowRank else { return found }
        let changed = NameMatching(wanted: wanted, available: lowRank.keys.sorted())
        mismatches += changed.unmatchedAvailable.map {
            .unknownModule(module: member.ownName(of: $0), model: member.name)
        }
        for name in wanted {
            guard let pair = changed.matches[name].flatMap({ lowRank[$0] }) else { continue }
            guard agrees(pair.weightShape, name, member) else { continue }
            // Rounding comes after the change is added to the weight as it is stored.
            let original = dense[name] ?? (rounding == nil ? nil : reference.weights[name])
            found[name] = .lowRank(try LowRankChange(pair, of: original, rounding: rounding))
        }
        return found
    }

    /// Notes the parameters that a model has and the reference lacks.
    ///
    /// Without a base there is no model that says what belongs to the merge, and leaving out what
    /// only some have would lose it silently.
    mutating func noteSurplus(of member: ModelPool.Member) {
        let names = member.weights.filter { $0.value.isFloatingPoint }.map(\.key)
        let surplus = NameMatching(wanted: wanted, available: names).unmatchedAvailable
        mismatches += surplus.map {
            .missing(parameter: reference.ownName(of: $0), model: reference.name)
        }
    }

    private mutating func agrees(
        _ shape: [Int],
        _ name: String,
        _ member: ModelPool.Member
    ) -> Bool {
        let expected = reference.weights[name]?.shape ?? []
        if shape != expected {
            mismatches.append(
                .shape(
                    parameter: member.ownName(of: name),
                    model: member.name,
                    expected: expected,
                    found: shape
                )
            )
        }
        return shape == expected
    }
}

extension LowRankChange {
    /// The factors of an adapter's change, in the orientation of the weight they change.
    fileprivate init(
        _ pair: Adapter.LowRank,
        of original: TensorView?,
        rounding: DType?
    ) throws {
        // The factors are small and used for every block: they are checked here, once.
        for view in [pair.a, pair.b] {
            if let position = try view.nonFinite() {
                throw MergeError.notFinite(
                    parameter: view.name,
                    model: view.fileName,
                    position: position
                )
            }
        }
        let (a, b) = try (pair.a.tensor(), pair.b.tensor())
        self.init(
            a: pair.isTransposed ? b.transposed() : a,
            b: pair.isTransposed ? a.transposed() : b,
            scale: pair.scale,
            original: original,
            rounding: rounding
        )
    }
}
