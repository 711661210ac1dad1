public import Checkpoints
public import OrderedCollections

extension ModelPool {
    /// What one model brings to a merge.
    public struct Member: Sendable {
        /// The name in messages and files: usually the last component of its path.
        public let name: String
        /// The weights that it holds as a whole: all of them, or what an adapter replaces.
        public let weights: OrderedDictionary<String, TensorView>
        /// The low-rank changes of an adapter; `nil` for a dense model.
        public let lowRank: [String: Adapter.LowRank]?
        /// The task vector that it is, in the place of weights.
        let vector: TaskVectorFile?
        /// Whether it has every parameter itself; an adapter leaves the others as the base has them.
        let isWhole: Bool
        /// A list of layers that stands in another place here, and how many layers its own numbers
        /// are ahead.
        var shifted: (list: String, layers: Int)?

        /// A dense model.
        public init(name: String, checkpoint: Checkpoint) {
            self.name = name
            weights = checkpoint.names.reduce(into: [:]) { $0[$1] = checkpoint[$1] }
            (lowRank, vector) = (nil, nil)
            isWhole = true
        }

        /// An adapter of the base.
        public init(name: String, adapter: Adapter) {
            self.name = name
            weights = OrderedDictionary(
                uniqueKeysWithValues: adapter.replaced.sorted { $0.key < $1.key }
            )
            (lowRank, vector) = (adapter.lowRank, nil)
            isWhole = false
        }

        /// A task vector of the base.
        public init(name: String, vector: TaskVectorFile) {
            (self.name, self.vector) = (name, vector)
            (weights, lowRank) = ([:], nil)
            isWhole = false
        }

        /// An adapter over a model of its own, which need not be the base.
        public init(name: String, checkpoint: Checkpoint, adapter: Adapter) {
            self.name = name
            var weights = Member(name: name, checkpoint: checkpoint).weights
            let names = adapter.replaced.keys.sorted()
            let places = NameMatching(wanted: Array(weights.keys), available: names)
            for (place, name) in places.matches { weights[place] = adapter.replaced[name] }
            for name in places.unmatchedAvailable { weights[name] = adapter.replaced[name] }
            self.weights = weights
            (lowRank, vector) = (adapter.lowRank, nil)
            isWhole = true
        }

        /// The same model without what it has under some names.
        public func leavingOut(_ isLeftOut: (String) -> Bool) -> Member {
            renamed { isLeftOut($0) ? nil : $0 }
        }

        /// The same model under other names, without what has none.
        func renamed(_ name: (String) -> String?) -> Member {
            renamed(weights: name, lowRank: name)
        }

        /// The same model, its weights and low-rank changes under other names.
        func renamed(
            weights weightName: (String) -> String?,
            lowRank changeName: (String) -> String?
        ) -> Member {
            // The names come from files, so two may become one; the first keeps it.
            var result = Member(
                name: self.name,
                weights: OrderedDictionary(
                    weights.compactMap { key, view in weightName(key).map { ($0, view) } },
                    uniquingKeysWith: { first, _ in first }
                ),
                lowRank: lowRank.map { changes in
                    Dictionary(
                        changes.compactMap { key, pair in changeName(key).map { ($0, pair) } },
                        uniquingKeysWith: { first, _ in first }
                    )
                },
                isWhole: isWhole
            )
            result.shifted = shifted
            return result
        }

        /// The same model with a parameter that it takes from another.
        public func borrowing(_ view: TensorView) -> Member {
            var all = weights
            all[view.name] = view
            return Member(name: name, weights: all, lowRank: lowRank, isWhole: isWhole)
        }

        init(
            name: String,
            weights: OrderedDictionary<String, TensorView>,
            lowRank: [String: Adapter.LowRank]?,
            isWhole: Bool
        ) {
            (self.name, self.weights) = (name, weights)
            (self.lowRank, self.isWhole) = (lowRank, isWhole)
            vector = nil
        }
    }
}
