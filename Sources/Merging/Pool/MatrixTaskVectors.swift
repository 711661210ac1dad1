internal import Tensors

/// Task vectors whose matrices a method changes as wholes, as it does before it adds them up.
///
/// What is kept of a matrix are factors: of about its own size, whatever the number of experts, where
/// these share its directions, and of as many matrices where every expert has all of them.
struct MatrixTaskVectors: TaskVectors {
    /// What becomes of the task vectors of a matrix.
    enum Change: Sendable {
        /// They become others, of low rank.
        case factors(LowRankVectors)
        /// They are multiplied by one matrix.
        case stretched(Stretching)
    }

    let pool: ModelPool
    private let plain: PlainTaskVectors
    private let changes: [String: Change]
    /// What the vectors of everything else are multiplied by.
    private let factors: [String: Float]

    /// Asks for the change of every matrix that experts differ in, side by side.
    ///
    /// The vectors of other parameters are multiplied by factors.
    init(
        _ pool: ModelPool,
        excluding excluded: Set<String> = [],
        rest factor: (ModelPool.Parameter) throws -> Double,
        _ workers: Workers,
        _ change: @Sendable (WholeParameter) throws -> Change
    ) throws {
        let matrices = pool.parameters.filter {
            $0.shape.count == 2 && !$0.isUnchanged && !excluded.contains($0.name)
        }
        let found = try workers.map(matrices.count) { try change(WholeParameter(matrices[$0])) }
        self.pool = pool
        plain = PlainTaskVectors(pool)
        changes = zip(matrices, found).reduce(into: [:]) { $0[$1.0.name] = $1.1 }
        factors = try pool.parameters.reduce(into: [:]) { $0[$1.name] = Float(try factor($1)) }
    }

    func factors(of parameter: ModelPool.Parameter) -> LowRankVectors? {
        guard case .factors(let factors) = changes[parameter.name] else { return nil }
        return factors
    }

    func differences(
        of parameter: ModelPool.Parameter,
        in range: Range<Int>,
        base: Tensor
    ) throws -> [Tensor] {
        try changed(parameter, rows: Self.rows(of: parameter, in: range)) {
            try plain.differences(of: parameter, in: range, base: base)
        }
    }

    func differences(
        of parameter: ModelPool.Parameter,
        rows: [Int32],
        base: Tensor
    ) throws -> [Tensor] {
        try changed(parameter, rows: rows) {
            try plain.differences(of: parameter, rows: rows, base: base)
        }
    }

    func add(
        _ parameter: ModelPool.Parameter,
        in range: Range<Int>,
        base: Tensor,
        by coefficients: [Float],
        to sum: inout Tensor
    ) throws {
        switch changes[parameter.name] {
        case .factors(let factors):
            sum = factors.sum(by: coefficients, in: range, onto: sum)
        case .stretched(let stretching):
            // Stretching a sum is cheaper than summing what is stretched.
            var own = Tensor.zeros(sum.shape)
            try plain.add(parameter, in: range, base: base, by: coefficients, to: &own)
            sum.add(stretching.rows(own, of: parameter))
        case nil:
            let factor = factors[parameter.name] ?? 1
            let scaled = coefficients.map { $0 * factor }
            try plain.add(parameter, in: range, base: base, by: scaled, to: &sum)
        }
    }

    func products(
        _ gradient: Tensor,
        with parameter: ModelPool.Parameter,
        in range: Range<Int>,
        base: Tensor
    ) throws -> [Double] {
        switch changes[parameter.name] {
        case .factors:
            return try differences(of: parameter, in: range, base: base).map {
                gradient.dot($0, in: range)
            }
        case .stretched(let stretching):
            // ⟨G, τ·S⟩ = ⟨G·S, τ⟩ of a symmetric S.
            let stretched = stretching.rows(gradient.elements(in: range), of: parameter)
            return try plain.differences(of: parameter, in: range, base: base).map {
                stretched.dot($0)
            }
        case nil:
            let factor = Double(factors[parameter.name] ?? 1)
            return try plain.products(gradient, with: parameter, in: range, base: base).map {
                $0 * factor
            }
        }
    }

    private func changed(
        _ parameter: ModelPool.Parameter,
        rows: [Int32],
        _ own: () throws -> [Tensor]
    ) throws -> [Tensor] {
        switch changes[parameter.name] {
        case .factors(let factors):
            let shape = try own().first?.shape ?? []
            return pool.experts.indices.map { k in
                let only = pool.experts.indices.map { $0 == k ? Float(1) : 0 }
                return factors.sum(by: only, rows: rows, onto: .zeros(shape))
            }
        case .stretched(let stretching): return try own().map { stretching.rows($0, of: parameter) }
        case nil:
            let factor = factors[parameter.name] ?? 1
            return factor == 1 ? try own() : try own().map { $0 * factor }
        }
    }

    /// The rows of a parameter that a block spans.
    private static func rows(of parameter: ModelPool.Parameter, in range: Range<Int>) -> [Int32] {
        let width = max(1, parameter.rowWidth)
        return Array(Int32(range.lowerBound / width)..<Int32(range.upperBound / width))
    }
}

/// The symmetric matrix `V·diag(f)·Vᵀ`: what rows are multiplied by to have other singular values.
struct Stretching: Sendable {
    /// `V`, one singular vector in each row.
    private let vectors: Tensor
    private let factors: Tensor

    /// Takes the singular values of a matrix to others, as a function says.
    init(_ singular: SingularVectors, _ factor: (Double) -> Double) {
        vectors = Tensor(singular.right)
        factors = Tensor([singular.values.count], singular.values.map { Float(factor($0)) })
    }

    /// Takes the singular values of a matrix to some others, all times a factor; 0 stays 0.
    init(_ singular: SingularVectors, to values: [Double], times factor: Double = 1) {
        vectors = Tensor(singular.right)
        factors = Tensor(
            [values.count],
            zip(values, singular.values).map { $1 > 0 ? Float(factor * $0 / $1) : 0 }
        )
    }

    /// Some rows of a matrix, multiplied; in the shape that they have.
    func rows(_ rows: Tensor, of parameter: ModelPool.Parameter) -> Tensor {
        let width = parameter.rowWidth
        let coordinates = Tensor.linear(rows.reshaped([rows.count / width, width]), vectors)
        return Tensor.matmul(coordinates.multiplyingRow(factors), vectors).reshaped(rows.shape)
    }
}
