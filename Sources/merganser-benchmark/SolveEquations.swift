import Tensors

/// RegMean's equations for the weights of a block of ViT-B/32 and eight experts: summed and solved in
/// double, against as many operations in LAPACK's and BLAS's own products.
struct SolveEquations {
    let workers: Workers

    private static let experts = 8
    /// `[outputs, inputs]` of the weights, the largest first.
    private static let shapes =
        [(768, 3072), (3072, 768)] + Array(repeating: (768, 768), count: 4)

    /// Every weight solved once, side by side.
    func run(steps: Int) throws -> Measurement {
        let weights = Self.shapes.map { outputs, inputs in
            (weight: Self.random([outputs, inputs]), triangle: Self.triangle(of: inputs))
        }
        return try Measurement(
            "solve",
            against: "products in double of as many operations",
            steps: steps
        ) {
            try workers.forEach(weights.count) { Self.multiply(Self.shapes[$0]) }
        } work: {
            try workers.forEach(weights.count) { index in
                let (outputs, inputs) = Self.shapes[index]
                var equations = NormalEquations(outputs: outputs, inputs: inputs)
                for expert in 1...Self.experts {
                    equations.add(
                        weights[index].weight,
                        triangle: weights[index].triangle,
                        shrinking: 0.9,
                        times: 1 / Double(expert)
                    )
                }
                _ = equations.solved()
            }
        }
    }

    /// As many operations as summing and solving take: `2·outputs·inputs²` for each expert and for the
    /// solution, a third of `inputs³` for the factor.
    private static func multiply(_ shape: (outputs: Int, inputs: Int)) {
        let n = shape.inputs
        let square = Matrix(rows: n, columns: n)
        for _ in 0...experts {
            _ = Matrix.product(Matrix(rows: shape.outputs, columns: n), square)
        }
        _ = Matrix.product(Matrix(rows: n / 6, columns: n), square)
    }

    private static func random(_ shape: [Int]) -> Tensor {
        var generator = SeededGenerator(seed: 0, "weight")
        return Tensor(shape) { output in
            for _ in 0..<shape.reduce(1, *) { output.append(generator.uniform() - 0.5) }
        }
    }

    /// The upper triangle of a matrix that is positive definite: its diagonal outweighs the rest.
    private static func triangle(of width: Int) -> Tensor {
        var generator = SeededGenerator(seed: 0, "triangle")
        return Tensor([width * (width + 1) / 2]) { output in
            for row in 0..<width {
                for column in row..<width {
                    output.append(column == row ? Float(width) : generator.uniform() - 0.5)
                }
            }
        }
    }
}
