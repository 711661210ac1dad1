internal import Checkpoints
internal import Tensors

/// How a parameter of a task vector is stored, and what comes back when it is read again.
enum StoredForm: Sendable {
    /// Every entry, in a format.
    case dense(DType)
    /// What is not trimmed away, in a format.
    case sparse(Trimming, DType)
    /// Two factors that the expert has already, in a format.
    case factors(LowRankFactors, DType)
    /// The leading singular vectors, so many of them, in a format.
    case singular(rank: Int, DType)
    /// Nothing.
    case zero

    /// Chooses how a parameter is stored.
    ///
    /// Factors pay where they are fewer numbers than the matrix. An adapter's own are exact.
    init(
        _ parameter: ModelPool.Parameter,
        _ layout: TaskVectorLayout,
        _ trimming: Trimming?,
        storedAs dtype: DType
    ) {
        self = .dense(dtype)
        switch layout {
        case .dense: break
        case .sparse: self = .sparse(trimming ?? .none, dtype)
        case .lowRank(let rank):
            guard parameter.shape.count == 2 else { break }
            let (rows, columns) = (parameter.shape[0], parameter.shape[1])
            if case .changed(let change) = parameter.experts[0], let factors = change.factors,
                factors.rank <= rank
            {
                self = .factors(factors, dtype)
            } else if rank * (rows + columns) < rows * columns {
                self = .singular(rank: rank, dtype)
            }
        }
    }

    /// The word for it.
    var layout: TaskVectorFile.Layout {
        switch self {
        case .dense: .dense
        case .sparse: .sparse
        case .factors, .singular: .lowRank
        case .zero: .zero
        }
    }

    /// The factor of the product of the two factors.
    var scale: Float? {
        switch self {
        case .factors(let factors, _): factors.scale
        case .singular: 1
        case .dense, .sparse, .zero: nil
        }
    }
}

// MARK: Reading

extension StoredForm {
    /// What a block of a task vector becomes, given the block and where it begins.
    func decoded(
        _ parameter: ModelPool.Parameter,
        _ cache: ParameterCache,
        last: Bool
    ) throws -> (_ vector: Tensor, _ start: Int) throws -> Tensor {
        switch self {
        case .zero: return { vector, _ in .zeros(vector.shape) }
        case .dense(let dtype): return { vector, _ in vector.rounded(to: dtype) }
        case .sparse(let trimming, let dtype):
            return { vector, start in
                var kept = vector
                trimming.apply(&kept, from: start)
                return kept.rounded(to: dtype)
            }
        case .factors, .singular:
            let change = WeightChange(
                .lowRank(try roundedFactors(parameter, cache, last: last))
            )
            return { vector, start in
                try change.difference(in: start..<start + vector.count, shape: parameter.shape)
            }
        }
    }

    /// The factors as they come out of the file.
    private func roundedFactors(
        _ parameter: ModelPool.Parameter,
        _ cache: ParameterCache,
        last: Bool
    ) throws -> LowRankFactors {
        switch self {
        case .factors(let factors, let dtype):
            return LowRankFactors(
                a: factors.a.rounded(to: dtype),
                b: factors.b.rounded(to: dtype),
                scale: factors.scale
            )
        case .singular(let rank, let dtype):
            // Both in one tensor, as the cache keeps one for a parameter.
            let joined = try cache.value(of: parameter.name, last: last) {
                try Self.singularFactors(parameter, rank)
            }
            let (rows, columns) = (parameter.shape[0], parameter.shape[1])
            let b = joined.elements(in: 0..<rows * rank).reshaped([rows, rank])
            let a = joined.elements(in: rows * rank..<joined.count).reshaped([rank, columns])
            return LowRankFactors(a: a.rounded(to: dtype), b: b.rounded(to: dtype), scale: 1)
        case .dense, .sparse, .zero: preconditionFailure("\(layout) has no factors")
        }
    }

    /// `B = U·√Σ` `[rows, rank]` and behind it `A = √Σ·Vᵀ` `[rank, columns]`, both of one size.
    private static func singularFactors(
        _ parameter: ModelPool.Parameter,
        _ rank: Int
    ) throws -> Tensor {
        let vectors = SingularVectors(
            of: Matrix(try WholeParameter(parameter).difference(0)),
            leading: rank
        )
        let roots = vectors.values.map { $0.squareRoot() }
        let b = Tensor(vectors.left.scalingRows(by: roots).transposed)
        let a = Tensor(vectors.right.scalingRows(by: roots))
        return Tensor([b.count + a.count]) { output in
            for part in [b, a] { for element in part.elements { output.append(element) } }
        }
    }
}

// MARK: Writing

extension StoredForm {
    /// The numbers that a parameter takes, places not counted.
    func elements(of parameter: ModelPool.Parameter, entries: Int) -> Int {
        switch self {
        case .dense: entries == 0 ? 0 : parameter.count
        case .sparse: entries
        case .factors(let factors, _): factors.rank * parameter.shape.reduce(0, +)
        case .singular(let rank, _): rank * parameter.shape.reduce(0, +)
        case .zero: 0
        }
    }

    /// The tensors of a parameter, of which so many entries are not zero.
    func declarations(
        of parameter: ModelPool.Parameter,
        entries: Int,
        _ dtype: DType
    ) -> [TensorDeclaration] {
        let shapes: [(DType, [Int])] =
            switch self {
            case .dense: [(dtype, parameter.shape)]
            case .sparse:
                [
                    (.signed64, [SparseEntries.runs(of: parameter.count) + 1]),
                    (.unsigned16, [entries]), (dtype, [entries]),
                ]
            case .factors(let factors, _): [(dtype, factors.a.shape), (dtype, factors.b.shape)]
            case .singular(let rank, _):
                [(dtype, [rank, parameter.shape[1]]), (dtype, [parameter.shape[0], rank])]
            case .zero: []
            }
        return zip(layout.tensors(of: parameter.name), shapes).map {
            TensorDeclaration(name: $0, dtype: $1.0, shape: $1.1)
        }
    }

    /// Writes the tensors of a parameter.
    func write(
        _ parameter: ModelPool.Parameter,
        to writer: CheckpointWriter,
        _ cache: ParameterCache
    ) throws {
        let names = layout.tensors(of: parameter.name)
        func forEachBlock(_ body: (Range<Int>, Tensor) throws -> Void) throws {
            for range in Blocks.of(shape: parameter.shape) {
                let block = MergeBlock(parameter: parameter, range: range)
                try body(range, try block.difference(0, from: block.base()))
            }
        }
        switch self {
        case .zero: return
        case .dense:
            try forEachBlock { range, vector in
                try vector.withSpan { try writer.write(names[0], $0, at: range.lowerBound) }
            }
        case .factors, .singular:
            let factors = try roundedFactors(parameter, cache, last: true)
            try writer.write(names[0], factors.a)
            try writer.write(names[1], factors.b)
        case .sparse(let trimming, let dtype):
            var starts = [Int64](repeating: 0, count: SparseEntries.runs(of: parameter.count) + 1)
            var written = 0
            try forEachBlock { range, vector in
                var kept = vector
                trimming.apply(&kept, from: range.lowerBound)
                let entries = kept.rounded(to: dtype).found(from: range.lowerBound)
                var bytes: [UInt8] = []
                bytes.reserveCapacity(2 * entries.places.count)
                for place in entries.places {
                    let (run, low) = place.quotientAndRemainder(dividingBy: SparseEntries.run)
                    starts[run + 1] += 1
                    bytes.append(UInt8(low & 255))
                    bytes.append(UInt8(low >> 8))
                }
                try writer.write(names[1], bytes: bytes, at: 2 * written)
                try writer.write(names[2], entries.values.span, at: written)
                written += entries.places.count
            }
            for run in starts.indices.dropFirst() { starts[run] += starts[run - 1] }
            try writer.write(
                names[0],
                bytes: starts.flatMap { start in
                    (0..<8).map { UInt8(truncatingIfNeeded: start >> ($0 * 8)) }
                },
                at: 0
            )
        }
    }
}

extension Tensor {
    /// The elements that are not zero, and their places, of which the first is `start`.
    fileprivate func found(from start: Int) -> (places: [Int], values: [Float]) {
        withSpan { span in
            var (places, values): ([Int], [Float]) = ([], [])
            for i in span.indices where span[i] != 0 {
                places.append(start + i)
                values.append(span[i])
            }
            return (places, values)
        }
    }
}
