internal import Checkpoints
internal import Merging
internal import OrderedCollections

extension MergePartBuilder {
    /// A source of a slice, opened.
    private struct Source {
        let reference: ModelReference
        let layers: Range<Int>
        /// The model, under the names of the template.
        let member: ModelPool.Member
        /// The number of layers that it has.
        let count: Int
        /// The directory whose configuration tells of them.
        let directory: ModelDirectory
    }

    /// Adds slices of layers, one on the other.
    ///
    /// What stands before the layers is merged with the first slice, what stands behind them with the
    /// last. The base takes part where it is among the sources of a slice: only there it has layers.
    mutating func stack(
        _ slices: [RecipeSlice],
        in part: RecipeModule?,
        of module: ModelModule
    ) throws {
        let key = part.map { "modules.\($0.name).slices" } ?? "slices"
        guard let list = module.list else {
            throw ExportError.noLayers(key: key, model: template.reference.description)
        }
        let sources = try open(slices, list)
        try check(sources, of: slices, key)
        let own = Set(names.filter { modules.owner(of: $0) == module })
        let shapes = shapes(of: own)
        var start = 0
        var written: Set<String> = []
        for (index, slice) in slices.enumerated() {
            let members = sources[index].map { source in
                source.member.slicing(source.layers, of: list, at: start) { name in
                    let isWanted =
                        base == nil ? modules.owner(of: name) == module : own.contains(name)
                    return isWanted
                        && index == (ModelModule.isFront(name) ? 0 : slices.count - 1)
                }
            }
            let end = start + (sources[index].first?.layers.count ?? 0)
            let place = basePlace(of: slice)
            try add(slice, sources[index], members, base: place, in: part, [list: start..<end])
            let weights = members[place ?? 0].weights
            written.formUnion(weights.filter(\.value.isFloatingPoint).keys)
            noteShapes(of: weights, in: members[place ?? 0].name, unlike: shapes)
            start = end
        }
        noteOutside(list, written, own, sources)
        stacks.append(
            StackedLayers(
                module: module,
                count: names.layerCounts[list] ?? 0,
                origins: sources.compactMap(\.first).flatMap { source in
                    source.layers.map { .init(directory: source.directory, layer: $0) }
                }
            )
        )
    }

    /// Notes what some slice should have outside the layers, or should not: there, the tensors are the
    /// template's, whose configuration speaks of them.
    private mutating func noteOutside(
        _ list: String,
        _ written: Set<String>,
        _ own: Set<String>,
        _ sources: [[Source]]
    ) {
        func outside(_ names: Set<String>) -> [String] {
            names.filter { LayeredName($0)?.list != list }.sorted()
        }
        let numbers = own.filter { template.member.weights[$0]?.isFloatingPoint == true }
        for name in outside(numbers.subtracting(written)) {
            let slice = ModelModule.isFront(name) ? sources.first : sources.last
            let model = slice?.first?.reference.description ?? ""
            mismatches.append(.missing(parameter: name, model: model))
        }
        for name in outside(written.subtracting(numbers)) {
            mismatches.append(
                .missing(parameter: name, model: template.reference.description)
            )
        }
    }

    private func open(_ slices: [RecipeSlice], _ list: String) throws -> [[Source]] {
        var known: [ModelReference: (member: ModelPool.Member, count: Int)] = [:]
        return try slices.map { slice in
            guard !slice.sources.isEmpty else { throw MergeError.noModels }
            return try slice.sources.map { source in
                guard let model = models[source.reference] else { throw MergeError.noModels }
                if known[source.reference] == nil {
                    let member = try model.whole(over: base).named(like: names)
                    let count = member.weights.keys.layerCounts[list] ?? 0
                    known[source.reference] = (member, count)
                }
                guard let (member, count) = known[source.reference] else {
                    throw MergeError.noModels
                }
                return Source(
                    reference: source.reference,
                    layers: source.layers,
                    member: member,
                    count: count,
                    directory: model.layerDirectory(over: base)
                )
            }
        }
    }

    /// Throws where layers are asked for that a model does not have, or where a slice lacks the base
    /// that the method compares with.
    private func check(
        _ sources: [[Source]],
        of slices: [RecipeSlice],
        _ key: String
    ) throws {
        let faults = sources.enumerated().flatMap { index, slice in
            slice.enumerated().filter { $1.layers.upperBound > $1.count }.map { place, source in
                ExportError.LayerFault(
                    key: "\(key).\(index).sources.\(place).layer_range",
                    model: source.reference.description,
                    count: source.count,
                    asked: source.layers
                )
            }
        }
        guard faults.isEmpty else { throw ExportError.layers(faults) }
        guard card.isOfTaskVectors else { return }
        for (index, slice) in slices.enumerated() where basePlace(of: slice) == nil {
            guard let base = slice.baseModel ?? recipe.baseModel else { continue }
            throw ExportError.sliceWithoutBase(
                key: "\(key).\(index).sources",
                base: base.description,
                method: card.name
            )
        }
    }

    /// Which source of a slice is the base that the method compares the others with.
    private func basePlace(of slice: RecipeSlice) -> Int? {
        guard card.isOfTaskVectors, let base = slice.baseModel ?? recipe.baseModel else {
            return nil
        }
        return slice.sources.firstIndex { $0.reference == base }
    }

    private mutating func add(
        _ slice: RecipeSlice,
        _ sources: [Source],
        _ members: [ModelPool.Member],
        base place: Int?,
        in part: RecipeModule?,
        _ layers: [String: Range<Int>]
    ) throws {
        // A model that is listed twice with the same layers counts once.
        let experts = sources.indices.filter { index in
            index != place
                && index
                    == sources.firstIndex {
                        $0.reference == sources[index].reference
                            && $0.layers == sources[index].layers
                    }
        }
        let base = place.map { members[$0] }
        let pool = try pool(
            base: base,
            experts.map { members[$0] },
            of: ([place].compactMap(\.self) + experts).map { sources[$0].reference }
        )
        guard let pool else { return }
        let start = layers.values.first?.lowerBound ?? 0
        let options = RecipeOptions(
            recipe,
            module: part,
            slice: slice,
            models: experts.map { sources[$0] }.map { source in
                .init(
                    scopes: recipe.scopes(
                        of: source.reference,
                        layers: source.layers,
                        slice: slice,
                        module: part
                    ),
                    shift: source.layers.lowerBound - start
                )
            },
            layers: layers
        )
        parts.append(
            MergePart(
                pool: pool,
                base: base?.name,
                options: options,
                weights: members[place ?? 0].weights
            )
        )
    }

    /// The shapes that tensors of the template have, whatever their layers.
    private func shapes(of names: Set<String>) -> [String: Set<[Int]>] {
        names.reduce(into: [:]) { shapes, name in
            guard let view = template.member.weights[name] else { return }
            shapes[LayeredName.pattern(of: name), default: []].insert(view.shape)
        }
    }

    /// Notes the tensors that cannot stand in one model with the template's: its configuration has one
    /// width for all layers.
    private mutating func noteShapes(
        of weights: OrderedDictionary<String, TensorView>,
        in model: String,
        unlike shapes: [String: Set<[Int]>]
    ) {
        for (name, view) in weights where vocabulary?.tables.contains(name) != true {
            guard let known = shapes[LayeredName.pattern(of: name)], !known.contains(view.shape),
                let expected = known.min(by: { $0.lexicographicallyPrecedes($1) })
            else { continue }
            mismatches.append(
                .shape(parameter: view.name, model: model, expected: expected, found: view.shape)
            )
        }
    }
}
