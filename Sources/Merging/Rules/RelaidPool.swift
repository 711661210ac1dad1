internal import Tensors

/// A pool in which some matrices are seen with their rows laid out anew, and the way back.
struct RelaidPool: Sendable {
    /// Where some elements of a stored matrix are seen.
    private struct Place: Sendable {
        /// Elements of the stored matrix.
        let elements: Range<Int>
        /// The matrix in which they are seen.
        let seen: ModelPool.Parameter
        /// What is added to a position in the one to have it in the other.
        let shift: Int

        /// Where two matrices overlap that begin at some positions of the same list of elements; `nil`
        /// where they do not.
        init?(
            of stored: ModelPool.Parameter,
            from start: Int,
            in seen: ModelPool.Parameter,
            from seenStart: Int
        ) {
            let common = (start..<start + stored.count)
                .clamped(to: seenStart..<seenStart + seen.count)
            guard !common.isEmpty else { return nil }
            elements = common.lowerBound - start..<common.upperBound - start
            self.seen = seen
            shift = start - seenStart
        }

        /// So much of a block of the stored matrix as is seen here.
        func block(_ range: Range<Int>) -> MergeBlock {
            let own = range.clamped(to: elements)
            return MergeBlock(
                parameter: seen,
                range: own.lowerBound + shift..<own.upperBound + shift
            )
        }
    }

    /// The models as a method is to see them.
    let pool: ModelPool
    /// Where the stored matrices are seen that were laid out anew, in the order of their elements.
    private let places: [String: [Place]]
    /// How many blocks of stored matrices are seen in each other one.
    private let uses: [String: Int]

    /// Lays out groups of matrices: the rows of a group are the same in either form, in the same order.
    init(
        _ stored: ModelPool,
        _ groups: [(stored: [ModelPool.Parameter], seen: [ModelPool.Parameter])]
    ) {
        var found: [String: [Place]] = [:]
        var uses: [String: Int] = [:]
        var seen: [String: [ModelPool.Parameter]] = [:]
        for group in groups {
            for (own, start) in group.stored.withStarts {
                let places = group.seen.withStarts.compactMap { other, otherStart in
                    Place(of: own, from: start, in: other, from: otherStart)
                }
                for range in Blocks.of(shape: own.shape) {
                    for place in places where range.overlaps(place.elements) {
                        uses[place.seen.name, default: 0] += 1
                    }
                }
                found[own.name] = places
            }
            if let first = group.stored.first { seen[first.name] = group.seen }
        }
        (places, self.uses) = (found, uses)
        pool = stored.mapping { seen[$0.name] ?? (found[$0.name] == nil ? [$0] : []) }
    }

    /// The plan for the stored matrices, of one for those seen.
    func plan(_ plan: @escaping MergeMethod.Plan) -> MergeMethod.Plan {
        // Stored matrices may share one that is seen: what its rule holds is there until the last of
        // their blocks.
        let rules = pool.parameters.reduce(into: [String: LazyRule]()) { rules, seen in
            guard let count = uses[seen.name] else { return }
            rules[seen.name] = LazyRule(uses: count) { try plan(seen) }
        }
        return { parameter in
            guard let places = places[parameter.name] else { return try plan(parameter) }
            let parts = places.compactMap { place in rules[place.seen.name].map { (place, $0) } }
            for (_, rule) in parts { _ = try rule.value() }
            return { block in
                let merged = try parts.filter { $0.0.elements.overlaps(block.range) }.map {
                    place,
                    rule in
                    defer { rule.release() }
                    return try rule.value()(place.block(block.range))
                }
                return Tensor(joiningRowsOf: merged).reshaped([block.range.count])
            }
        }
    }
}

extension [ModelPool.Parameter] {
    /// Each with the number of elements before it.
    fileprivate var withStarts: [(ModelPool.Parameter, Int)] {
        var end = 0
        return map { parameter in
            defer { end += parameter.count }
            return (parameter, end)
        }
    }
}
