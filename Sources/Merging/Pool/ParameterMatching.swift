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
    /// How tables are laid out anew, which may have other numbers of rows in each model.
    let gathering: RowGathering?
    /// Everything that did not match so far.
    private(set) var mismatches: [Mismatch] = []

    init(
        wanted: [String],
        reference: ModelPool.Member,
        rounding: DType?,
        gathering: RowGathering?
    ) {
        (self.wanted, self.reference, self.rounding) = (wanted, reference, rounding)
        self.gathering = gathering
    }

    /// What one model, by its place in the pool, has in the place of each wanted parameter.
    mutating func match(
        _ member: ModelPool.Member,
        at place: Int
    ) throws -> [String: ExpertParameter] {
        var dense: [String: TensorView] = [:]
        let whole = NameMatching(wanted: wanted, available: Array(member.weights.keys))
        for name in wanted {
            if let view = whole.matches[name].flatMap({ member.weights[$0] }) {
                if agrees(view.shape, name, member, place) { dense[name] = view }
            } else if member.isWhole {
                mismatches.append(
                    .missing(parameter: member.ownName(of: name), model: member.name)
                )
            } else if let shape = reference.weights[name]?.shape {
                // An adapter that replaces one table has to replace them all.
                _ = agrees(shape, name, member, place)
            }
        }
        var found = dense.mapValues { ExpertParameter.dense(.init($0, rounding: rounding)) }
        if let vector = member.vector {
            try match(vector, of: member, at: place, &found)
            return found
        }
        guard let lowRank = member.lowRank else { return found }
        let changed = NameMatching(wanted: wanted, available: lowRank.keys.sorted())
        mismatches += changed.unmatchedAvailable.map {
            .unknownModule(module: member.ownName(of: $0), model: member.name)
        }
        for name in wanted {
            guard let pair = changed.matches[name].flatMap({ lowRank[$0] }) else { continue }
            guard agrees(pair.weightShape, name, member, place) else { continue }
            found[name] = .changed(
                WeightChange(
                    .lowRank(try LowRankFactors(pair)),
                    of: dense[name] ?? original(of: name),
                    rounding: rounding
                )
            )
        }
        return found
    }

    /// What a stored task vector changes; it lacks what the expert left as it was.
    private mutating func match(
        _ vector: TaskVectorFile,
        of member: ModelPool.Member,
        at place: Int,
        _ found: inout [String: ExpertParameter]
    ) throws {
        let names = NameMatching(wanted: wanted, available: vector.names)
        mismatches += names.unmatchedAvailable.map {
            .unknownModule(module: $0, model: member.name)
        }
        for name in wanted {
            guard let own = names.matches[name], let shape = vector.shape(of: own),
                agrees(shape, name, member, place), let form = try vector.form(of: own)
            else { continue }
            found[name] = .changed(
                WeightChange(form, of: original(of: name), rounding: rounding)
            )
        }
    }

    /// The weight that a change of the base is added to, where that is not the base as it is read:
    /// rounding comes after the change is added to the weight as it is stored.
    private func original(of name: String) -> TensorView? {
        rounding == nil ? nil : reference.weights[name]
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
        _ member: ModelPool.Member,
        _ place: Int
    ) -> Bool {
        let common = reference.weights[name]?.shape ?? []
        let expected = gathering?.shape(common, of: name, in: place) ?? common
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

extension LowRankFactors {
    /// The factors of an adapter's change, in the orientation of the weight they change.
    fileprivate init(_ pair: Adapter.LowRank) throws {
        let (a, b) = try (pair.a.finiteTensor(), pair.b.finiteTensor())
        self.init(
            a: pair.isTransposed ? b.transposed() : a,
            b: pair.isTransposed ? a.transposed() : b,
            scale: pair.scale
        )
    }
}

extension TensorView {
    /// All elements, none of them NaN or infinite.
    ///
    /// Factors are small and used for every block: they are checked here, once.
    func finiteTensor() throws -> Tensor {
        if let position = try nonFinite() {
            throw MergeError.notFinite(parameter: name, model: fileName, position: position)
        }
        return try tensor()
    }
}
