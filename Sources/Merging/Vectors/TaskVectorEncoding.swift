public import Checkpoints
public import Foundation
public import Tensors

/// A task vector on its way to a file: how each parameter is stored, and how far that is from the
/// truth.
///
/// The vector is read in blocks, twice: to measure, and to write. Before that, what is sparse looks
/// for its threshold among all entries of the model. Nothing larger than a parameter is in memory,
/// but for factors, which are kept up to 512 MB and found again beyond.
public struct TaskVectorEncoding: Sendable {
    /// What is called after each parameter; it may throw to stop.
    public typealias Step = @Sendable () throws -> Void

    /// `‖stored − τ‖ / ‖τ‖`.
    public let relativeError: Double
    /// `‖τ‖`.
    public let norm: Double
    /// The number of entries or elements of factors that are stored.
    public let stored: Int
    private let pool: ModelPool
    private let layout: TaskVectorLayout
    private let dtype: DType
    private let forms: [StoredForm]
    private let measures: [Measure]
    private let factors: ParameterCache

    /// How far a stored parameter is from the truth.
    private struct Measure: Sendable {
        /// `‖τ‖²` and `‖stored − τ‖²`.
        var square = 0.0
        var error = 0.0
        /// The entries that are not zero.
        var entries = 0

        var relativeError: Double { square > 0 ? (error / square).squareRoot() : 0 }
    }

    /// Measures the task vector of a pool's only expert.
    ///
    /// - Throws: `MergeError.notFinite` if a model holds NaN or infinity, `.overflow` where the format
    ///   cannot hold an entry.
    public init(
        _ pool: ModelPool,
        as layout: TaskVectorLayout,
        storedAs dtype: DType,
        workers: Workers,
        step: @escaping Step
    ) throws {
        precondition(pool.experts.count == 1 && pool.hasBase, "a task vector is of one expert")
        let trimmings = try Self.trimmings(pool, layout, workers)
        let factors = ParameterCache()
        (self.pool, self.layout, self.dtype) = (pool, layout, dtype)
        self.factors = factors
        let found = try workers.map(pool.parameters.count) { index -> (StoredForm, Measure) in
            let parameter = pool.parameters[index]
            let form = StoredForm(parameter, layout, trimmings?[index], storedAs: dtype)
            let measure = try Self.measure(parameter, form, dtype, factors)
            try step()
            return (form, measure)
        }
        forms = found.map(\.0)
        measures = found.map(\.1)
        let (square, error) = measures.reduce((0, 0)) { ($0.0 + $1.square, $0.1 + $1.error) }
        norm = square.squareRoot()
        relativeError = square > 0 ? (error / square).squareRoot() : 0
        stored = zip(zip(pool.parameters, forms), measures).reduce(0) { sum, part in
            sum + part.0.1.elements(of: part.0.0, entries: part.1.entries)
        }
    }

    /// Writes the file, which is there in full or not at all.
    public func write(
        to url: URL,
        _ provenance: TaskVectorFile.Provenance,
        workers: Workers,
        step: @escaping Step
    ) throws {
        let parts = pool.parameters.indices.map { index in
            (pool.parameters[index], kept(index), measures[index])
        }
        let writer = try CheckpointWriter(
            file: url,
            tensors: parts.flatMap { $1.declarations(of: $0, entries: $2.entries, dtype) },
            metadata: try metadata(provenance)
        )
        try workers.forEach(parts.count) { index in
            let (parameter, form, _) = parts[index]
            try form.write(parameter, to: writer, factors)
            try step()
        }
        try writer.finish()
    }

    /// Nothing is stored of a parameter of which nothing is left.
    private func kept(_ index: Int) -> StoredForm {
        measures[index].entries == 0 ? .zero : forms[index]
    }

    private func metadata(_ provenance: TaskVectorFile.Provenance) throws -> [String: String] {
        var table: [String: TaskVectorFile.Parameter] = [:]
        for (index, parameter) in pool.parameters.enumerated() where measures[index].square > 0 {
            table[parameter.name] = TaskVectorFile.Parameter(
                shape: parameter.shape,
                layout: kept(index).layout,
                scale: kept(index).scale.map(Double.init),
                relativeError: measures[index].relativeError
            )
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [
            "kind": TaskVectorFile.kind,
            "layout": layout.description,
            "base": provenance.base,
            "expert": provenance.expert,
            "base_name": provenance.baseName,
            "expert_name": provenance.expertName,
            "relative_error": "\(relativeError)",
            "norm": "\(norm)",
            "version": provenance.version,
            "parameters": String(decoding: try encoder.encode(table), as: UTF8.self),
        ]
    }

    /// Reads a parameter once, and what is stored of it beside it.
    private static func measure(
        _ parameter: ModelPool.Parameter,
        _ form: StoredForm,
        _ dtype: DType,
        _ factors: ParameterCache
    ) throws -> Measure {
        var measure = Measure()
        guard !parameter.isUnchanged else { return measure }
        let decoded = try form.decoded(parameter, factors, last: false)
        for range in Blocks.of(shape: parameter.shape) {
            let block = MergeBlock(parameter: parameter, range: range)
            let vector = try block.difference(0, from: block.base())
            let stored = try decoded(vector, range.lowerBound)
            try block.check(stored, storedAs: dtype)
            let difference = stored - vector
            measure.square += vector.dot(vector)
            measure.error += difference.dot(difference)
            measure.entries += stored.entries
        }
        return measure
    }

    /// What is large enough of each parameter: exactly as many entries of the whole model as the
    /// density says, of equal ones those that come first.
    private static func trimmings(
        _ pool: ModelPool,
        _ layout: TaskVectorLayout,
        _ workers: Workers
    ) throws -> [Trimming]? {
        guard case .sparse(let density) = layout else { return nil }
        let count = pool.parameters.reduce(0) { $0 + $1.count }
        let (threshold, ties) = try MagnitudeThresholds.results(
            ranks: [[max(1, Int(density * Double(count)))]],
            in: pool,
            workers: workers
        ) { try $0.differences(from: $0.base()) }[0][0]
        guard threshold > 0 else { return pool.parameters.map { _ in .none } }
        let equal = try workers.map(pool.parameters.count) { index in
            try pool.parameters[index].places(of: threshold, upTo: nil).count
        }
        var left = ties
        return try zip(pool.parameters, equal).map { parameter, found in
            defer { left = max(0, left - found) }
            if found <= left { return Trimming(threshold: threshold, lastTie: .max) }
            let last = left > 0 ? try parameter.places(of: threshold, upTo: left).last : nil
            return Trimming(threshold: threshold, lastTie: last ?? -1)
        }
    }
}

extension ModelPool.Parameter {
    /// How many entries of the task vector have exactly this magnitude, and the place of the last of
    /// them, or of the one at which counting ends.
    fileprivate func places(
        of magnitude: Float,
        upTo limit: Int?
    ) throws -> (count: Int, last: Int?) {
        var (count, last): (Int, Int?) = (0, nil)
        guard !isUnchanged else { return (0, nil) }
        for range in Blocks.of(shape: shape) {
            let block = MergeBlock(parameter: self, range: range)
            let isDone = try block.difference(0, from: block.base()).withSpan { span in
                for i in span.indices where abs(span[i]) == magnitude {
                    (count, last) = (count + 1, range.lowerBound + i)
                    if count == limit { return true }
                }
                return false
            }
            if isDone { break }
        }
        return (count, last)
    }
}

extension Tensor {
    /// The number of elements that are not zero.
    fileprivate var entries: Int { Int(isNonzero.sum()) }
}
