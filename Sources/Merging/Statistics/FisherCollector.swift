public import Autograd
internal import Synchronization
public import Tensors

/// Collects diagonal Fisher information: squared derivatives of each example's log-likelihood,
/// summed over examples.
///
/// Squares are taken example by example, never of sums over a batch (arXiv:2111.09832), yet a batch
/// is run as a whole: on the way back a weight's gradient comes as two factors with a row for every
/// token, from which each example's gradient is formed and squared.
public final class FisherCollector: ParameterSource {
    private let source: any ParameterSource
    private let variables = Mutex<[String: Variable]>([:])
    private let sums = Mutex<[Variable.ID: FisherSum]>([:])
    private let turns = Turns<Variable.ID>()

    /// Watches the gradients by a source's parameters.
    public init(over source: any ParameterSource) { self.source = source }

    /// Adds the squares of what flows back from `root` to every parameter.
    ///
    /// The root is an output, with a row per example, of a model that was built on this collector;
    /// the cotangent the derivative by it of the examples' log-likelihoods; `examples` are their
    /// tokens. Passes are numbered from 0 and begun in that order.
    ///
    /// - Throws: `StatisticsError.mixedExamples` for a parameter whose gradient cannot be told apart
    ///   by examples.
    public func add(
        _ root: Variable,
        cotangent: Tensor,
        examples: Sequences,
        pass: Int
    ) throws {
        defer { turns.finish(pass) }
        var pending: [Variable.ID: [Cotangent]] = [:]
        try root.pullBack(cotangent) { leaf, flow, isLast in
            // Gradients by a parameter that is used twice are summed before they are squared.
            pending[leaf.id, default: []].append(flow)
            guard isLast, let all = pending.removeValue(forKey: leaf.id) else { return }
            let sum = sums.withLock { table in
                if let known = table[leaf.id] { return known }
                let new = FisherSum(leaf.shape)
                table[leaf.id] = new
                return new
            }
            turns.wait(for: pass, at: leaf.id)
            guard sum.add(all, examples) else {
                throw StatisticsError.mixedExamples(parameter: name(of: leaf.id))
            }
            turns.finish(pass, at: leaf.id)
        }
    }

    /// Lets later passes go on without this one, which could not be computed.
    public func skip(pass: Int) { turns.finish(pass) }

    /// The sum for a parameter so far; `nil` where no model has asked for it.
    public subscript(name: String) -> Tensor? {
        variables.withLock { $0[name] }.map { variable in
            variable.id.flatMap { id in sums.withLock { $0[id] }?.value } ?? .zeros(variable.shape)
        }
    }

    /// The parameters that models have asked for.
    public var names: [String] { variables.withLock { $0.keys.sorted() } }

    /// The parameter of a name, whose gradients are told apart by examples.
    public func parameter(named name: String, shape: [Int]) throws -> Variable {
        try variables.withLock { table in
            if let known = table[name] { return known }
            let value = try source.parameter(named: name, shape: shape).value
            let variable = Variable(parameter: value, keepingRows: true)
            table[name] = variable
            return variable
        }
    }

    /// Throws unless the parameter is there in this shape.
    public func expect(parameterNamed name: String, shape: [Int]) throws {
        try source.expect(parameterNamed: name, shape: shape)
    }

    /// Whether there is a parameter of this name.
    public func contains(_ name: String) -> Bool { source.contains(name) }

    private func name(of id: Variable.ID) -> String {
        variables.withLock { table in table.first { $0.value.id == id }?.key } ?? "a parameter"
    }
}

/// The sum for one parameter.
private final class FisherSum: Sendable {
    private let shape: [Int]
    private let state: Mutex<Tensor?>

    init(_ shape: [Int]) {
        self.shape = shape
        state = Mutex(nil)
    }

    var value: Tensor { state.withLock { $0 } ?? .zeros(shape) }

    /// Adds the square of each example's part; `false` where the parts cannot be told apart.
    func add(_ contributions: [Cotangent], _ examples: Sequences) -> Bool {
        state.withLock { state in
            var sum = state ?? .zeros(shape)
            // The sum is written in place: nobody else may hold its memory meanwhile.
            state = nil
            defer { state = sum }
            if contributions.count == 1 {
                return Self.add(contributions[0], to: &sum, examples)
            }
            for example in 0..<examples.count {
                var gradient = Tensor.zeros(shape)
                for contribution in contributions {
                    guard let part = contribution.part(of: example, examples, shape: shape)
                    else { return false }
                    gradient.add(part)
                }
                sum.addSquares(of: gradient)
            }
            return true
        }
    }

    private static func add(
        _ contribution: Cotangent,
        to sum: inout Tensor,
        _ examples: Sequences
    ) -> Bool {
        switch contribution {
        case .zero: return true
        case .product(let a, let b):
            guard let rows = examples.dividing(a.count / max(sum.shape[0], 1)) else { return false }
            sum.addSquares(ofProductsOf: a, with: b, rows)
            return true
        case .tensor, .rows, .linear:
            for example in 0..<examples.count {
                if case .rows(let rows, let indices) = contribution {
                    guard let own = examples.dividing(indices.count) else { return false }
                    let range = own.offsets[example]..<own.offsets[example + 1]
                    // Of a table, only the rows that the example reads.
                    let places = Array(Set(indices[range])).sorted()
                    let order = Dictionary(
                        uniqueKeysWithValues: places.enumerated().map { ($1, Int32($0)) }
                    )
                    var gradient = Tensor.zeros([places.count, sum.rowWidth])
                    gradient.add(
                        rows: rows.rows(range.map(Int32.init)),
                        at: indices[range].compactMap { order[$0] }
                    )
                    sum.add(rows: gradient * gradient, at: places)
                } else {
                    guard let part = contribution.part(of: example, examples, shape: sum.shape)
                    else { return false }
                    sum.addSquares(of: part)
                }
            }
            return true
        }
    }
}

extension Cotangent {
    /// One example's part of a gradient of the given shape; `nil` where it cannot be told.
    fileprivate func part(of example: Int, _ examples: Sequences, shape: [Int]) -> Tensor? {
        func range(_ rows: Int) -> Range<Int>? {
            examples.dividing(rows).map { $0.offsets[example]..<$0.offsets[example + 1] }
        }
        switch self {
        case .zero: return .zeros(shape)
        case .product(let a, let b):
            let outputs = shape[0]
            let inputs = shape.dropFirst().reduce(1, *)
            let rows = a.count / max(outputs, 1)
            guard let range = range(rows) else { return nil }
            let indices = range.map(Int32.init)
            return Cotangent.product(
                a.reshaped([rows, outputs]).rows(indices),
                b.reshaped([rows, inputs]).rows(indices)
            ).tensor(of: shape)
        case .rows(let rows, let indices):
            guard let range = range(indices.count) else { return nil }
            return Cotangent.rows(rows.rows(range.map(Int32.init)), at: Array(indices[range]))
                .tensor(of: shape)
        case .tensor(let tensor):
            let size = shape.reduce(1, *)
            let rows = tensor.count / max(size, 1)
            guard let range = range(rows) else { return nil }
            return tensor.reshaped([rows, size]).rows(range.map(Int32.init)).summed(to: shape)
        case .linear:
            return examples.count == 1 ? tensor(of: shape) : nil
        }
    }
}

extension Sequences {
    /// Which of so many rows belong to which sequence: the tokens, or equally many rows for each.
    fileprivate func dividing(_ rows: Int) -> Sequences? {
        if rows == tokens { return self }
        guard count > 0, rows % count == 0 else { return nil }
        return Sequences(count: count, length: rows / count)
    }
}
