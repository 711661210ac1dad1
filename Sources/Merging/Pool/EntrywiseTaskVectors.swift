internal import Tensors

/// Task vectors each entry of which follows from that entry of all experts' vectors.
struct EntrywiseTaskVectors: TaskVectors {
    /// What becomes of the vectors of all experts in the same places of a parameter.
    typealias Rule = @Sendable ([Tensor]) -> [Tensor]

    private let vectors: any TaskVectors
    private let rules: [String: Rule]

    var pool: ModelPool { vectors.pool }

    /// Asks for the rule of every parameter.
    init(
        of vectors: any TaskVectors,
        _ rule: (ModelPool.Parameter) throws -> Rule
    ) rethrows {
        self.vectors = vectors
        rules = try vectors.pool.parameters.reduce(into: [:]) { $0[$1.name] = try rule($1) }
    }

    /// The entries that have the sign of the sum of all, as TIES elects them.
    static func agreeing(_ vectors: any TaskVectors) throws -> EntrywiseTaskVectors {
        EntrywiseTaskVectors(of: vectors) { _ in { Consensus.agreeing($0, electedBy: $0.sum()) } }
    }

    func differences(
        of parameter: ModelPool.Parameter,
        in range: Range<Int>,
        base: Tensor
    ) throws -> [Tensor] {
        let all = try vectors.differences(of: parameter, in: range, base: base)
        let block = MergeBlock(parameter: parameter, range: range)
        // What is left out may not hide a NaN.
        for vector in all { try block.check(vector) }
        return rules[parameter.name]?(all) ?? all
    }

    func differences(
        of parameter: ModelPool.Parameter,
        rows: [Int32],
        base: Tensor
    ) throws -> [Tensor] {
        let all = try vectors.differences(of: parameter, rows: rows, base: base)
        return rules[parameter.name]?(all) ?? all
    }
}
