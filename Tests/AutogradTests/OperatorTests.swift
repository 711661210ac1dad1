import Autograd
import Tensors
import Testing

/// One row per operator: the suite differentiates each numerically and compares.
struct OperatorCase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var shapes: [[Int]]
    var body: @Sendable ([Variable]) -> Variable

    init(_ name: String, _ shapes: [Int]..., body: @escaping @Sendable ([Variable]) -> Variable) {
        (testDescription, self.shapes, self.body) = (name, shapes, body)
    }
}

private let ragged = Sequences(lengths: [3, 1, 2])
/// How many tokens of each sequence ask, where not all of them do.
private let asking = Sequences(lengths: [2, 0, 1])

private let operators =
    [
        OperatorCase("addition", [2, 3], [2, 3]) { $0[0] + $0[1] },
        OperatorCase("addition of a row", [2, 3], [3]) { $0[0] + $0[1] },
        OperatorCase("addition of a matrix to a batch", [2, 2, 3], [2, 3]) { $0[0] + $0[1] },
        OperatorCase("addition of a variable to itself", [2, 3]) { $0[0] + $0[0] },
        OperatorCase("subtraction", [2, 3], [2, 3]) { $0[0] - $0[1] },
        OperatorCase("multiplication", [2, 3], [2, 3]) { $0[0] * $0[1] },
        OperatorCase("square", [2, 3]) { $0[0] * $0[0] },
        OperatorCase("scaling", [4]) { $0[0] * -1.5 },
        OperatorCase("reshape", [2, 3]) { $0[0].reshaped([3, 2]) },
        OperatorCase("transpose", [2, 3]) { $0[0].transposed() },
        OperatorCase("rows, one of them twice", [4, 3]) { $0[0].rows([2, 0, 2]) },
        OperatorCase("columns", [3, 5]) { $0[0].columns(1..<4) },
        OperatorCase("addition of a row to some rows", [4, 3], [3]) {
            $0[0].adding($0[1], toRows: [1, 3])
        },
        OperatorCase("addition of scaled columns", [4, 3], [4, 3], [3]) {
            $0[0].adding($0[1], scaledBy: $0[2])
        },
        OperatorCase("scaling by an exponential", [2, 3], []) {
            $0[0].scaled(byExponentialOf: $0[1])
        },
        OperatorCase("weighted sums of rows", [3, 4]) {
            $0[0].sums(weightedBy: Tensor([2, 3], [0.5, -1, 2, 0, 1, -0.25]))
        },
        OperatorCase("rows of unit length", [3, 4]) { $0[0].unitRows() },
        OperatorCase("sum", [2, 3]) { $0[0].sum() },
        OperatorCase("mean", [2, 3]) { $0[0].mean() },
        OperatorCase("means of sequences", [6, 2]) { $0[0].means(of: ragged) },
        OperatorCase("linear", [3, 4], [2, 4]) { .linear($0[0], $0[1]) },
        OperatorCase("linear with bias", [3, 4], [2, 4], [2]) {
            .linear($0[0], $0[1], bias: $0[2])
        },
        OperatorCase("linear with bias and residual", [3, 4], [2, 4], [2], [3, 2]) {
            .linear($0[0], $0[1], bias: $0[2], adding: $0[3])
        },
        OperatorCase("linear with residual", [3, 4], [2, 4], [3, 2]) {
            .linear($0[0], $0[1], adding: $0[2])
        },
        OperatorCase("linear with a repeated residual", [6, 4], [2, 4], [3, 2]) {
            .linear($0[0], $0[1], adding: $0[2])
        },
        OperatorCase("linear with a weight of four dimensions", [3, 8], [2, 2, 2, 2]) {
            .linear($0[0], $0[1])
        },
        OperatorCase("one weight used twice", [3, 4], [4, 4]) {
            .linear(.linear($0[0], $0[1]), $0[1])
        },
        OperatorCase("rows repeated", [1, 3, 2]) { $0[0].repeated(3) },
        OperatorCase("rows joined", [2, 3], [2, 2]) { $0[0].joined(to: $0[1]) },
        OperatorCase("low-rank update of a weight", [3, 4], [3, 2], [2, 4]) {
            $0[0].adding($0[1], times: $0[2], scale: 0.5)
        },
        OperatorCase("pulling back each use of a weight", [3, 4], [4, 4]) {
            let weight = Variable(
                $0[1].value,
                from: $0[1],
                pullingBackEach: { dW in
                    [dW]
                }
            )
            return .linear(.linear($0[0], weight), weight)
        },
        OperatorCase("batched product", [2, 3, 4], [2, 4, 2]) { .batchedMatmul($0[0], $0[1]) },
        OperatorCase("softmax", [2, 4]) { $0[0].softmax() },
        OperatorCase("layer norm", [3, 5], [5], [5]) {
            $0[0].layerNorm(weight: $0[1], bias: $0[2], epsilon: 1e-3)
        },
        OperatorCase("RMS norm", [3, 5], [5]) { $0[0].rmsNorm(weight: $0[1], epsilon: 1e-3) },
        OperatorCase("RMS norm with offset", [3, 5], [5]) {
            $0[0].rmsNorm(weight: $0[1], offset: 1, epsilon: 1e-3)
        },
        OperatorCase("softmax entropy", [3, 5]) { $0[0].softmaxEntropy() },
        OperatorCase("divergence", [2, 3]) {
            $0[0].divergence(from: Tensor([2, 3], [0.3, -1, 0.5, 2, 0, 1]).logSoftmax())
        },
        OperatorCase("entropy of a mean prediction", [3, 4], [2, 4]) {
            let sums = [$0[0], $0[1]].map { logits in
                let rows = logits.shape[0]
                let shares = Tensor([1, rows], Array(repeating: 0.2, count: rows))
                return logits.softmax().sums(weightedBy: shares)
            }
            return (sums[0] + sums[1]).distributionEntropy()
        },
        OperatorCase("cross entropy", [3, 4]) { $0[0].crossEntropy(labels: [1, 3, 0]) },
        OperatorCase("attention", [6, 4], [6, 4], [6, 4]) {
            attention($0, AttentionShape(sequences: ragged, heads: 2, headSize: 2))
        },
        OperatorCase("causal attention", [6, 4], [6, 4], [6, 4]) {
            attention($0, AttentionShape(sequences: ragged, heads: 2, headSize: 2, causal: true))
        },
        OperatorCase("attention in a sliding window", [6, 4], [6, 4], [6, 4]) {
            attention(
                $0,
                AttentionShape(sequences: ragged, heads: 2, headSize: 2, causal: true, window: 2)
            )
        },
        OperatorCase("attention of some queries", [3, 4], [6, 4], [6, 4]) {
            attention(
                $0,
                AttentionShape(sequences: ragged, queries: asking, heads: 2, headSize: 2)
            )
        },
        OperatorCase("causal attention of the last queries", [3, 4], [6, 4], [6, 4]) {
            attention(
                $0,
                AttentionShape(
                    sequences: ragged,
                    queries: asking,
                    heads: 2,
                    headSize: 2,
                    causal: true
                )
            )
        },
        OperatorCase("attention with shared keys", [6, 4], [6, 2], [6, 2]) {
            attention(
                $0,
                AttentionShape(sequences: ragged, heads: 2, keyValueHeads: 1, headSize: 2)
            )
        },
        OperatorCase("attention with hidden keys", [6, 4], [6, 4], [6, 4]) {
            let hidden = Tensor([6], [0, -.infinity, 0, -.infinity, 0, 0])
            return attention(
                $0,
                AttentionShape(sequences: ragged, heads: 2, headSize: 2, keyBias: hidden)
            )
        },
    ]
    + Activation.allCases.map { activation in
        OperatorCase("activation \(activation)", [3, 4]) { $0[0].activated(by: activation) }
    }

private func attention(_ inputs: [Variable], _ shape: AttentionShape) -> Variable {
    .attention(query: inputs[0], key: inputs[1], value: inputs[2], shape)
}

@Suite struct `Operators agree with finite differences` {
    @Test(arguments: operators)
    func gradient(of operation: OperatorCase) throws {
        var generator = SeededGenerator(seed: 7, operation.testDescription)
        // No element near 0, where ReLU has no derivative.
        let inputs = operation.shapes.map { shape in
            Tensor(
                shape,
                (0..<shape.reduce(1, *)).map { _ in
                    let sign: Float = generator.uniform() < 0.5 ? -1 : 1
                    return sign * (0.1 + generator.uniform())
                }
            )
        }
        let variables = inputs.map { Variable(parameter: $0) }
        let output = operation.body(variables)
        // A cotangent of random numbers: a sum would hide errors that cancel.
        let cotangent = Tensor(
            output.shape,
            (0..<output.value.count).map { _ in generator.normal() }
        )
        let gradients = Gradients(of: output, cotangent: cotangent)
        for (k, variable) in variables.enumerated() {
            let gradient = try #require(gradients[variable])
            #expect(gradient.shape == inputs[k].shape)
            // Rounding of float32 values of order 1, divided by a step of 0.02, is about 1e-5;
            // the fourth-order formula leaves about as much truncation error.
            let tolerance = 2e-3 * Double(max(1, gradient.largestMagnitude))
            for i in 0..<gradient.count {
                func value(_ delta: Float) -> Double {
                    var moved = inputs.map { Variable(constant: $0) }
                    var elements = inputs[k].elements
                    elements[i] += delta
                    moved[k] = Variable(constant: Tensor(inputs[k].shape, elements))
                    return operation.body(moved).value.dot(cotangent)
                }
                let h: Float = 2e-2
                let estimate =
                    (8 * (value(h) - value(-h)) - (value(2 * h) - value(-2 * h)))
                    / (12 * Double(h))
                #expect(
                    abs(estimate - Double(gradient[i])) < tolerance,
                    "input \(k), element \(i): \(gradient[i]) is not \(estimate)"
                )
            }
        }
    }

    @Test(arguments: operators)
    func `a constant input records nothing`(of operation: OperatorCase) {
        let inputs = operation.shapes.map { Variable(constant: Tensor($0, repeating: 0.5)) }
        #expect(!operation.body(inputs).isTracked)
    }

    @Test(arguments: operators)
    func `values do not depend on recording`(of operation: OperatorCase) {
        let inputs = operation.shapes.map { Tensor($0, repeating: 0.25) }
        let recorded = operation.body(inputs.map { Variable(parameter: $0) }).value.elements
        let plain = operation.body(inputs.map { Variable(constant: $0) }).value.elements
        #expect(recorded == plain)
    }
}
