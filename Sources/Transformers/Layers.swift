internal import Autograd
internal import Tensors

/// A linear map with a bias, its weight `[outputs, inputs]` as checkpoints store it.
struct Linear: Sendable {
    let weight: Variable
    let bias: Variable?

    init(_ p: Parameters, from inputs: Int, to outputs: Int, bias: Bool = true) throws {
        weight = try p("weight", outputs, inputs)
        self.bias = bias ? try p("bias", outputs) : nil
    }

    func callAsFunction(_ x: Variable, adding residual: Variable? = nil) -> Variable {
        .linear(x, weight, bias: bias, adding: residual)
    }
}

/// Layer normalization with a learned scale and shift.
struct LayerNorm: Sendable {
    let weight, bias: Variable
    let epsilon: Float

    init(_ p: Parameters, width: Int, epsilon: Float) throws {
        weight = try p("weight", width)
        bias = try p("bias", width)
        self.epsilon = epsilon
    }

    func callAsFunction(_ x: Variable) -> Variable {
        x.layerNorm(weight: weight, bias: bias, epsilon: epsilon)
    }
}

/// A table of vectors, of which a batch reads a few rows.
struct Embedding: Sendable {
    private let parameters: Parameters
    private let shape: [Int]

    init(_ p: Parameters, count: Int, width: Int) throws {
        (parameters, shape) = (p, [count, width])
        try p.source.expect(parameterNamed: p["weight"].path, shape: shape)
    }

    func callAsFunction(_ ids: [Int32]) throws -> Variable {
        let name = parameters["weight"].path
        if let wrong = ids.first(where: { $0 < 0 || Int($0) >= shape[0] }) {
            throw ParameterError.rowOutOfRange(name: name, row: Int(wrong), rows: shape[0])
        }
        return try parameters.source.rows(ids, ofParameterNamed: name, shape: shape)
    }
}
