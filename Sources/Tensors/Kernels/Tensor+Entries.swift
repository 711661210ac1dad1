/// Setting single elements of a block.
extension Tensor {
    /// Sets the elements at some places, counted from `start`, which may lie before this block; what
    /// falls outside of it is left out.
    ///
    /// `false`, with some elements set, unless the places ascend and are all below `limit`.
    package mutating func setEntries(
        _ values: Tensor,
        atAscending places: [UInt16],
        from start: Int,
        below limit: Int
    ) -> Bool {
        precondition(values.count == places.count, "\(places.count) places for \(values.shape)")
        let count = count
        return values.withSpan { values in
            unsafe withMutablePointer { elements in
                var least = 0
                for i in places.indices {
                    let place = Int(places[i])
                    guard place >= least, place < limit else { return false }
                    least = place + 1
                    let position = start + place
                    // Only what lies inside the block is written.
                    if position >= 0, position < count { unsafe elements[position] = values[i] }
                }
                return true
            }
        }
    }
}
