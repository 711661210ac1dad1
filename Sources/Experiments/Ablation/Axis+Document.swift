internal import OrderedCollections

// An axis is written as a key of the recipe with its values, as names with what each of them sets, or
// as one of the words for which experts take part.

extension Axis {
    /// The keys of a study that make axes.
    static let keys = ["axes", "zip", "leave_out", "experts"]

    /// Reads the axes of a study; their points are combined with each other.
    static func read(_ map: MapReader) -> [Axis] {
        let crossed = map["axes"]?.filledEntries(of: "axes")?.compactMap { $0.value.axis($0.name) }
        let zipped = map["zip"]?.zippedAxis()
        let left = map["leave_out"]?.leftOut()
        let sets = map["subsets"]?.integer(atLeast: 1)
        if sets != nil, !map.has("experts"), let value = map["subsets"] {
            value.report(.noEffect(condition: "with `experts`"))
        }
        let numbers = map["experts"]?.numbersOfExperts(sets: sets ?? 1)
        return (crossed ?? []) + [zipped, left, numbers].compactMap(\.self)
    }
}

extension ValueReader {
    /// The values of a key, or named points with what each sets.
    fileprivate func axis(_ name: String) -> Axis? {
        if case .map = value.content {
            let points = filledEntries(of: "named points")?.compactMap { label, value in
                value.changes().map {
                    Axis.Point(label: label, changes: $0)
                }
            }
            return points.map { Axis(name: name, points: $0) }
        }
        guard let path = path(name) else { return nil }
        let points = filledList(of: "values") { element in
            Axis.Point(
                label: element.value.brief,
                changes: [RecipeChange(path, element.value)]
            )
        }
        return points.map { Axis(name: path.components.last ?? name, points: $0) }
    }

    /// Keys whose values change together: lists of one length.
    fileprivate func zippedAxis() -> Axis? {
        var points: [Axis.Point] = []
        guard let axes = filledEntries(of: "keys")?.compactMap({ $0.value.axis($0.name) }) else {
            return nil
        }
        let counts = axes.map(\.points.count)
        guard let count = counts.first, counts.allSatisfy({ $0 == count }) else {
            let lengths = counts.map(String.init).joined(separator: " and ")
            mismatch("keys with lists of one length, not of \(lengths)")
            return nil
        }
        for index in 0..<count {
            let parts = axes.map { $0.points[index] }
            points.append(
                Axis.Point(
                    label: parts.map(\.label).joined(separator: ", "),
                    changes: parts.flatMap(\.changes)
                )
            )
        }
        return Axis(name: axes.map(\.name).joined(separator: ", "), points: points)
    }

    /// `each`, or lists of experts; the merge of all is the first point.
    fileprivate func leftOut() -> Axis? {
        if scalar?.text == "each" { return Axis(name: "left out", points: []) }
        let points = filledList(of: "names of experts, or `each`") { element in
            element.texts("names of experts").map {
                Axis.Point(label: $0.joined(separator: ", "), experts: .without($0))
            }
        }
        let all = Axis.Point(label: "none", experts: .without([]))
        return points.map { Axis(name: "left out", points: [all] + $0) }
    }

    fileprivate func numbersOfExperts(sets: Int) -> Axis? {
        let points = filledList(of: "numbers of experts") { element in
            element.integer(atLeast: 1).map {
                Axis.Point(
                    label: String($0),
                    experts: .some($0, sets: sets)
                )
            }
        }
        return points.map { Axis(name: "experts", points: $0) }
    }
}

extension Axis {
    /// The axis with the points that only the recipe tells: one for each expert to leave out.
    func completed(for experts: [String]) -> Axis {
        guard name == "left out", points.isEmpty else { return self }
        let all = Point(label: "none", experts: .without([]))
        return Axis(
            name: name,
            points: [all] + experts.map { Point(label: $0, experts: .without([$0])) }
        )
    }
}

extension DocumentValue {
    /// The value in few words, as a label.
    var brief: String {
        switch content {
        case .scalar(let scalar): scalar.isNull ? "none" : scalar.text
        case .list(let values): values.map(\.brief).joined(separator: " ")
        case .map(let entries):
            entries.map { "\($0.key) \($0.value.value.brief)" }.joined(separator: ", ")
        }
    }
}
