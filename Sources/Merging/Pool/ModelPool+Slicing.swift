internal import Checkpoints
internal import OrderedCollections

extension ModelPool.Member {
    /// Some layers of the model in the place of others, and what it has outside its layers.
    ///
    /// Its other layers are left out. `layers` are those of one list, such as `model.layers`; the first
    /// of them becomes layer `start`. Of all else, what `isKept` wants is kept.
    public func slicing(
        _ layers: Range<Int>,
        of list: String,
        at start: Int,
        keeping isKept: (String) -> Bool
    ) -> Self {
        var slice = renamed { name in
            guard let place = LayeredName(name), place.list == list else {
                return isKept(name) ? name : nil
            }
            guard layers.contains(place.layer) else { return nil }
            return place.moved(to: start + place.layer - layers.lowerBound).name
        }
        slice.shifted = (list, layers.lowerBound - start)
        return slice
    }

    /// The same model under the names that another one has for its tensors, whatever their layers.
    public func named(like others: [String]) -> Self {
        let wanted = Array(OrderedSet(others.map(LayeredName.pattern)))
        let names = Renaming(Array(weights.keys), wanted)
        let lowRankNames = Renaming((lowRank ?? [:]).keys.sorted(), wanted)
        guard !names.isIdentity || !lowRankNames.isIdentity else { return self }
        return renamed(weights: names.name(of:), lowRank: lowRankNames.name(of:))
    }

    /// What the model itself calls a tensor that it has here under a name.
    func ownName(of name: String) -> String {
        guard let shifted, let place = LayeredName(name), place.list == shifted.list else {
            return name
        }
        return place.moved(to: place.layer + shifted.layers).name
    }
}

/// What the tensors of one model are called in another, told by their names in the first layer.
private struct Renaming {
    private var targets: [String: String] = [:]

    init(_ names: [String], _ wanted: [String]) {
        let patterns = Array(OrderedSet(names.map(LayeredName.pattern)))
        for (target, name) in NameMatching(wanted: wanted, available: patterns).matches
        where target != name {
            targets[name] = target
        }
    }

    var isIdentity: Bool { targets.isEmpty }

    func name(of name: String) -> String {
        guard let target = targets[LayeredName.pattern(of: name)] else { return name }
        guard let place = LayeredName(name), let other = LayeredName(target) else { return target }
        return other.moved(to: place.layer).name
    }
}
