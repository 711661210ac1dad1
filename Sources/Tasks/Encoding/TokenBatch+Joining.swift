internal import Tensors
package import Transformers

extension TokenBatch {
    /// Some of the texts of a batch, in the order of their positions.
    package init(_ texts: [Int], of batch: TokenBatch) {
        self.init([])
        let offsets = batch.sequences.offsets
        let ranges = texts.map { offsets[$0]..<offsets[$0 + 1] }
        ids = ranges.flatMap { batch.ids[$0] }
        typeIDs = ranges.flatMap { batch.typeIDs[$0] }
        positions = ranges.flatMap { batch.positions[$0] }
        sequences = Sequences(lengths: ranges.map(\.count))
        if let all = batch.visible {
            let visible = ranges.flatMap { all[$0] }
            // As where the batch is made of its texts alone: nothing hidden, nothing said.
            if visible.contains(false) { self.visible = visible }
        }
    }

    /// The texts of several batches, one batch behind the other.
    init(joining batches: [TokenBatch]) {
        self.init([])
        ids = batches.flatMap(\.ids)
        typeIDs = batches.flatMap(\.typeIDs)
        positions = batches.flatMap(\.positions)
        sequences = Sequences(lengths: batches.flatMap(\.sequences.lengths))
        if batches.contains(where: { $0.visible != nil }) {
            visible = batches.flatMap {
                $0.visible ?? Array(repeating: true, count: $0.ids.count)
            }
        }
    }
}
