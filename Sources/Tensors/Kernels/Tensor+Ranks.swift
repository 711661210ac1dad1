/// The order of magnitudes inside rows.
extension Tensor {
    /// The place of each element among the magnitudes of its row, from 0 for the smallest.
    ///
    /// Of equal ones those count as larger that come first.
    public func magnitudeRanks(inRowsOf width: Int) -> Tensor {
        var ranks = [Float](repeating: 0, count: count)
        forEachRow(of: width) { start, order in
            for (rank, place) in order.enumerated() { ranks[start + place] = Float(rank) }
        }
        return Tensor(shape, ranks)
    }

    /// Where the magnitude of each element lies between the least and the largest of its row, from 0
    /// to 1; 0 in a row of equal magnitudes.
    public func magnitudePlaces(inRowsOf width: Int) -> Tensor {
        precondition(width > 0 && count % width == 0, "\(shape), rows of \(width)")
        let sizes = magnitudes
        var places = [Float](repeating: 0, count: count)
        for start in stride(from: 0, to: count, by: width) {
            let row = sizes.elements(in: start..<start + width)
            row.places(in: row.bounds).withSpan { span in
                for i in span.indices { places[start + i] = span[i] }
            }
        }
        return Tensor(shape, places)
    }

    /// Sets to 0 all but the elements whose magnitudes are in some places of their row, from 0 for
    /// the largest.
    public mutating func keep(largest places: Range<Int>, inRowsOf width: Int) {
        var kept = [Float](repeating: 0, count: count)
        withSpan { span in
            forEachRow(of: width) { start, order in
                for place in places.clamped(to: 0..<width) {
                    let position = start + order[width - 1 - place]
                    kept[position] = span[position]
                }
            }
        }
        self = Tensor(shape, kept)
    }

    /// Calls `body` with the start of each row and its positions, in the order of their magnitudes.
    private func forEachRow(of width: Int, _ body: (_ start: Int, _ order: [Int]) -> Void) {
        guard width > 0 else { return }
        precondition(count % width == 0 && width < UInt32.max, "\(shape), rows of \(width)")
        withSpan { span in
            for start in stride(from: 0, to: count, by: width) {
                let keys = (0..<width).map { MagnitudeKey.of(span[start + $0], at: $0) }
                body(start, keys.sorted().map(MagnitudeKey.position))
            }
        }
    }
}
