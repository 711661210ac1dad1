public import Autograd
internal import Synchronization
public import Tensors

/// Collects the Gram matrices `XᵀX` of the inputs of every linear map that a model multiplies.
///
/// A model that is built on ``parameters(ofPass:)`` is watched while it runs. Passes are numbered:
/// their sums are taken in that order, so the bits are the same for any number of threads. Maps that
/// read the same rows, as queries, keys and values do, share one matrix.
public final class GramCollector: Sendable {
    private struct State {
        /// The sums, each under the name of the first weight that was seen with its rows.
        var sums: [String: GramAccumulator] = [:]
        /// The sums that a weight's matrix is made of: one, unless a pass uses the weight twice.
        var parts: [String: [String]] = [:]
        /// The weights in the order in which the model multiplies them.
        var order: [String] = []
    }

    private let source: any ParameterSource
    private let chosen: Set<String>?
    private let counts: Bool
    private let state = Mutex(State())
    private let turns = Turns<String>()

    /// Watches the weights of some names, or all.
    ///
    /// Without `counting`, only the widths of the matrices are found out, not the matrices.
    public init(
        over source: any ParameterSource,
        names: Set<String>? = nil,
        counting: Bool = true
    ) {
        (self.source, chosen, counts) = (source, names, counting)
    }

    /// The source's parameters, for a model that is run in one pass.
    ///
    /// Passes are numbered from 0, begun in that order, and each ended by ``finish(pass:)``.
    public func parameters(ofPass pass: Int) -> any ParameterSource {
        WatchedParameters(source: source, pass: Pass(number: pass, collector: self))
    }

    /// Ends a pass, whether it has succeeded or not.
    public func finish(pass: Int) { turns.finish(pass) }

    /// The weights that were seen, in the order in which the model multiplies them.
    public var names: [String] { state.withLock { $0.order } }

    /// The width of a weight's Gram matrix.
    public func width(of name: String) -> Int {
        state.withLock { state in state.sums[state.parts[name]?.first ?? name]?.width ?? 0 }
    }

    /// What tells a weight's matrix from others: weights that share one have the same key.
    public func key(of name: String) -> String { state.withLock { $0.parts[name]?.first ?? name } }

    /// The rows that entered a weight.
    public func rows(of name: String) -> Int {
        sums(of: name).reduce(0) { $0 + $1.rows }
    }

    /// A weight's Gram matrix: its upper triangle, row by row.
    public func triangle(of name: String) -> Tensor {
        let parts = sums(of: name)
        return parts.dropFirst().reduce(into: parts[0].triangle) { $0.add($1.triangle) }
    }

    private func sums(of name: String) -> [GramAccumulator] {
        state.withLock { state in (state.parts[name] ?? []).compactMap { state.sums[$0] } }
    }

    /// One run of the model; its weights are multiplied one after the other, on one thread.
    fileprivate final class Pass: Sendable {
        private let number: Int
        private let collector: GramCollector
        private let seen = Mutex<(uses: [String: Int], last: (rows: Tensor, key: String)?)>(
            ([:], nil)
        )

        init(number: Int, collector: GramCollector) {
            (self.number, self.collector) = (number, collector)
        }

        func show(_ rows: Tensor, to name: String) {
            guard collector.isChosen(name) else { return }
            let (key, isNew) = seen.withLock { seen -> (String, Bool) in
                if let last = seen.last, last.rows.isSame(as: rows) { return (last.key, false) }
                let use = seen.uses[name, default: 0] + 1
                seen.uses[name] = use
                let key = use == 1 ? name : "\(name)#\(use)"
                seen.last = (rows, key)
                return (key, true)
            }
            collector.note(key, of: name, width: rows.rowWidth)
            guard isNew, collector.counts else { return }
            collector.add(rows, to: key, pass: number)
        }
    }

    private func note(_ key: String, of name: String, width: Int) {
        state.withLock { state in
            if state.sums[key] == nil { state.sums[key] = GramAccumulator(width: width) }
            if state.parts[name] == nil { state.order.append(name) }
            if state.parts[name]?.contains(key) != true {
                state.parts[name, default: []].append(key)
            }
        }
    }

    private func add(_ rows: Tensor, to key: String, pass: Int) {
        let square = rows.gram()
        turns.wait(for: pass, at: key)
        state.withLock { $0.sums[key] }?.add(square, rows: rows.shape[0])
        turns.finish(pass, at: key)
    }

    fileprivate func isChosen(_ name: String) -> Bool { chosen?.contains(name) ?? true }
}

/// A source whose weights are watched during one pass.
private struct WatchedParameters: ParameterSource {
    let source: any ParameterSource
    let pass: GramCollector.Pass

    func parameter(named name: String, shape: [Int]) throws -> Variable {
        let value = try source.parameter(named: name, shape: shape).value
        // All weights are watched, so that every row is computed, also where few are counted.
        return Variable(constant: value) { [pass] rows in pass.show(rows, to: name) }
    }

    func rows(_ indices: [Int32], ofParameterNamed name: String, shape: [Int]) throws -> Variable {
        try source.rows(indices, ofParameterNamed: name, shape: shape)
    }

    func expect(parameterNamed name: String, shape: [Int]) throws {
        try source.expect(parameterNamed: name, shape: shape)
    }

    func contains(_ name: String) -> Bool { source.contains(name) }
}
