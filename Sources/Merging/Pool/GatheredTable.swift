internal import Synchronization
internal import Tensors

/// A model's table with its rows laid out anew, read block by block where they lie.
struct GatheredTable: Sendable {
    /// A model's own table, `[rows, width]`.
    struct Source: Sendable {
        let values: ExpertParameter
        let base: ParameterView?
        let rows: Int
        let width: Int

        /// Some elements, which span whole rows where an adapter changes them.
        func elements(in range: Range<Int>) throws -> Tensor {
            let origin = values.whole == nil ? try base?.block(range) : nil
            return try values.elements(in: range, base: origin, shape: [rows, width])
        }

        func row(_ row: Int) throws -> Tensor {
            try elements(in: row * width..<(row + 1) * width)
        }
    }

    private let model: Int
    private let sources: [Source]
    private let layout: RowGathering.Layout
    private let shared: [[RowGathering.Place]]
    private let width: Int
    private let filling = Filling()

    init(model: Int, sources: [Source], _ gathering: RowGathering) {
        (self.model, self.sources) = (model, sources)
        (layout, shared) = (gathering.layouts[model], gathering.shared)
        width = sources[model].width
    }

    /// Some rows of tables of equal width, counted from the first's through all of them.
    init(_ rows: Range<Int>, of sources: [Source]) {
        (model, self.sources, width) = (0, sources, sources[0].width)
        var layout = RowGathering.Layout()
        var shared: [[RowGathering.Place]] = []
        var start = 0
        for (index, source) in sources.enumerated() {
            for row in rows.clamped(to: start..<start + source.rows) {
                if index == 0 {
                    layout.append(own: row)
                } else {
                    layout.append(shared: shared.count)
                    shared.append([.init(model: index, row: row - start)])
                }
            }
            start += source.rows
        }
        (self.layout, self.shared) = (layout, shared)
    }

    /// The elements in `range`, in row-major order.
    func block(_ range: Range<Int>) throws -> Tensor {
        guard width > 0 else { return .zeros([range.count]) }
        let runs = runs(in: range)
        if runs.count == 1 { return try elements(of: runs[0]) }
        let places = runs.map {
            $0.range.lowerBound - range.lowerBound..<$0.range.upperBound - range.lowerBound
        }
        var index = 0
        return try Tensor([range.count], blocks: places) { _ in
            defer { index += 1 }
            return try elements(of: runs[index])
        }
    }

    /// All elements, `[rows, width]`.
    func tensor() throws -> Tensor {
        let shape = [layout.count, width]
        return try Tensor(shape, blocks: Blocks.of(shape: shape), block)
    }

    /// Some rows, in the order asked for.
    func rows(_ indices: [Int32]) throws -> Tensor {
        let places = indices.indices.map { $0 * width..<($0 + 1) * width }
        return try Tensor([indices.count, width], blocks: places) { place in
            let row = Int(indices[place.lowerBound / max(width, 1)])
            return try block(row * width..<(row + 1) * width)
        }
    }

    /// Neighbouring elements of one origin: many rows that are neighbours in the model's own table,
    /// or one of another origin.
    private struct Run {
        let range: Range<Int>
        let origin: RowGathering.Layout.Origin
    }

    private func runs(in range: Range<Int>) -> [Run] {
        var runs: [Run] = []
        var start = range.lowerBound
        while start < range.upperBound {
            let first = start / width
            let origin = layout[first]
            var next = first + 1
            if case .own(let row) = origin {
                while next * width < range.upperBound, layout[next] == .own(row + next - first) {
                    next += 1
                }
            }
            let end = min(next * width, range.upperBound)
            runs.append(Run(range: start..<end, origin: origin))
            start = end
        }
        return runs
    }

    private func elements(of run: Run) throws -> Tensor {
        let first = run.range.lowerBound / width
        let columns = run.range.lowerBound - first * width..<run.range.upperBound - first * width
        switch run.origin {
        case .own(let row):
            let offset = row * width
            return try sources[model].elements(
                in: offset + columns.lowerBound..<offset + columns.upperBound
            )
        case .shared(let index): return try mean(of: shared[index]).elements(in: columns)
        case .unused: return try filling.row { try meanOfUsedRows() }.elements(in: columns)
        }
    }

    /// The mean of rows of several models, `[width]`; of none, zeros.
    private func mean(of places: [RowGathering.Place]) throws -> Tensor {
        if places.count == 1 { return try sources[places[0].model].row(places[0].row) }
        var sum = [Double](repeating: 0, count: width)
        for place in places { sum.add(try sources[place.model].row(place.row)) }
        return Tensor([width], sum.map { Float($0 / Double(max(places.count, 1))) })
    }

    /// The mean of all rows that have a token, `[width]`.
    private func meanOfUsedRows() throws -> Tensor {
        var sum = [Double](repeating: 0, count: width)
        var count = 0
        for range in Blocks.of(shape: [layout.count, width]) {
            for run in runs(in: range) where run.origin != .unused {
                sum.add(try elements(of: run))
                count += run.range.count / width
            }
        }
        return Tensor([width], sum.map { Float($0 / Double(max(count, 1))) })
    }

    /// The row of all that have no token, made when it is first asked for.
    private final class Filling: Sendable {
        private let known = Mutex<Tensor?>(nil)

        func row(_ make: () throws -> Tensor) rethrows -> Tensor {
            try known.withLock { row in
                if let row { return row }
                let made = try make()
                row = made
                return made
            }
        }
    }
}

extension [Double] {
    /// Adds rows as wide as this one.
    fileprivate mutating func add(_ rows: Tensor) {
        rows.withSpan { span in
            for row in stride(from: 0, to: span.count, by: count) {
                for column in indices { self[column] += Double(span[row + column]) }
            }
        }
    }
}
