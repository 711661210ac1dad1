import Autograd
import Tensors
import Testing

@Suite struct `Gradients of many passes` {
    private func gradient(workers: Int) throws -> [Float] {
        var generator = SeededGenerator(seed: 1, "weights")
        func random(_ shape: [Int]) -> Tensor {
            Tensor(shape, (0..<shape.reduce(1, *)).map { _ in generator.normal() })
        }
        let (first, second) = (
            Variable(parameter: random([8, 8])), Variable(parameter: random([8, 8]))
        )
        let inputs = (0..<40).map { random([1 + $0 % 5, 8]) }
        let gradients = OrderedGradients()
        try Workers(workers).forEach(inputs.count) { pass in
            let x = Variable(constant: inputs[pass])
            let hidden = Variable.linear(x, first).activated(by: .gelu)
            // Every third pass leaves the second weight out.
            let y = pass % 3 == 0 ? hidden : Variable.linear(hidden, second)
            gradients.add((y * y).sum(), pass: pass)
        }
        let parts = [try #require(gradients[first]), try #require(gradients[second])]
        return parts.flatMap(\.elements)
    }

    @Test func `have the same bits for any number of workers`() throws {
        let expected = try gradient(workers: 1)
        for workers in [2, 3, 8] { #expect(try gradient(workers: workers) == expected) }
    }
}
