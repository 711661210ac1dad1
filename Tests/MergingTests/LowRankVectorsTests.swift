import Autograd
import Checkpoints
import Foundation
import Merging
import Tensors
import TestSupport
import Testing

/// The task vectors of a pool without their factors, so that every one is formed.
private struct FormedVectors: TaskVectors {
    let plain: PlainTaskVectors
    var pool: ModelPool { plain.pool }

    func differences(
        of parameter: ModelPool.Parameter,
        in range: Range<Int>,
        base: Tensor
    ) throws -> [Tensor] {
        try plain.differences(of: parameter, in: range, base: base)
    }

    func differences(
        of parameter: ModelPool.Parameter,
        rows: [Int32],
        base: Tensor
    ) throws -> [Tensor] {
        try plain.differences(of: parameter, rows: rows, base: base)
    }
}

@Suite struct `Adapters merge by their factors` {
    /// The reference's adapter twice: their sum is a low-rank change again.
    private func vectors() throws -> PlainTaskVectors {
        let fixture = Golden.repository.appending(path: "Tests/Fixtures/adapter/bert")
        let directory = try ModelDirectory(fixture.appending(path: "adapter"))
        let adapter = try #require(try directory.adapter())
        return PlainTaskVectors(
            try ModelPool(
                base: .init(
                    name: "base",
                    checkpoint: Checkpoint(at: fixture.appending(path: "base"))
                ),
                experts: ["one", "two"].map { ModelPool.Member(name: $0, adapter: adapter) }
            )
        )
    }

    /// The merged weights, and the derivatives of a quadratic function of them.
    private func merge(
        _ vectors: any TaskVectors
    ) throws -> (weights: [String: Tensor], derivatives: [String: [Double]]) {
        let parameters = vectors.pool.parameters.filter { $0.shape.count == 2 }
        let merged = MergedParameters(
            vectors,
            coefficients: Dictionary(
                uniqueKeysWithValues: vectors.pool.parameters.map { ($0.name, [0.75, -0.5]) }
            ),
            tracked: true
        )
        let gradients = OrderedGradients()
        var weights: [String: Tensor] = [:]
        for (pass, parameter) in parameters.enumerated() {
            let weight = try merged.parameter(named: parameter.name, shape: parameter.shape)
            weights[parameter.name] = weight.value
            var generator = SeededGenerator(seed: 3, parameter.name)
            let inputs = [5, parameter.shape[1]]
            let x = Tensor(inputs, (0..<inputs[0] * inputs[1]).map { _ in generator.normal() })
            let y = Variable.linear(Variable(constant: x), weight)
            gradients.add((y * y).sum() + (weight * weight).sum(), pass: pass)
        }
        return (weights, try merged.project(gradients, on: Workers(1)))
    }

    @Test func `to the same weights and derivatives as formed task vectors`() throws {
        let vectors = try vectors()
        let changed = vectors.pool.parameters.filter { vectors.factors(of: $0) != nil }
        #expect(!changed.isEmpty)
        let (byFactors, formed) = (
            try merge(vectors), try merge(FormedVectors(plain: vectors))
        )
        for parameter in changed {
            let (one, other) = (byFactors.weights[parameter.name], formed.weights[parameter.name])
            let difference = try #require(one) - #require(other)
            #expect(difference.largestMagnitude < 1e-6, "\(parameter.name)")
            let rows = (
                try #require(byFactors.derivatives[parameter.name]),
                try #require(formed.derivatives[parameter.name])
            )
            let size = rows.1.map(abs).max() ?? 0
            #expect(size > 0, "\(parameter.name)")
            for (a, b) in zip(rows.0, rows.1) {
                #expect(abs(a - b) <= 1e-5 * size, "\(parameter.name): \(a) and \(b)")
            }
        }
    }

    @Test func `and what no adapter changes needs no gradient`() throws {
        let vectors = try vectors()
        let unchanged = vectors.pool.parameters.filter {
            $0.experts.allSatisfy { if case .unchanged = $0 { true } else { false } }
        }
        #expect(!unchanged.isEmpty)
        let merged = MergedParameters(
            vectors,
            coefficients: Dictionary(
                uniqueKeysWithValues: vectors.pool.parameters.map { ($0.name, [0.75, -0.5]) }
            ),
            tracked: true
        )
        for parameter in unchanged {
            let variable = try merged.parameter(named: parameter.name, shape: parameter.shape)
            #expect(!variable.isTracked, "\(parameter.name)")
        }
    }
}
