import Autograd
import Tensors
import Testing

/// Parameters after three steps along fixed gradients, as PyTorch's optimizers leave them in
/// float64 (`scripts/peers/dump_optimizers.py` prints this table).
private let expectations: [(optimizer: Optimizer, result: [Float])] = [
    (.adam(), [0.7504159, -1.96699824, 0.43495546]),
    (.adam(decay: 0.1), [0.7358517, -1.93592873, 0.43114418]),
    (.adamW(), [0.74771202, -1.96117937, 0.43363209]),
    (.sgd(), [0.9375, -2.125, 0.55]),
    (.sgd(momentum: 0.9, decay: 0.1), [0.776024, -1.980048, 0.4547695]),
]

@Suite struct `Optimizers` {
    @Test(arguments: expectations.indices)
    func `follow PyTorch`(row: Int) {
        let gradients: [[Float]] = [[0.5, -1, 2], [0.25, 1.5, -3], [-0.125, 0.75, 0.5]]
        var parameter = Tensor([3], [1, -2, 0.5])
        var state = OptimizerState(shape: [3])
        for gradient in gradients {
            expectations[row].optimizer.update(
                &parameter,
                gradient: Tensor([3], gradient),
                state: &state,
                rate: 0.1
            )
        }
        for (found, expected) in zip(parameter.elements, expectations[row].result) {
            // Three float32 steps of size 0.1 on numbers of order 1.
            #expect(abs(found - expected) < 1e-6)
        }
    }

    @Test func `do not touch a parameter that someone else holds`() {
        let original = Tensor([2], [1, 2])
        var parameter = original
        var state = OptimizerState(shape: [2])
        Optimizer.adam().update(
            &parameter,
            gradient: Tensor([2], [1, 1]),
            state: &state,
            rate: 0.1
        )
        #expect(original.elements == [1, 2])
        #expect(parameter.elements != [1, 2])
    }

    @Test func `clip gradients to a common norm`() {
        var gradients = [Tensor([2], [3, 0]), Tensor([1], [4])]
        #expect(gradients.norm == 5)
        gradients.clip(toNorm: 1)
        #expect(abs(gradients.norm - 1) < 1e-6)
        gradients.clip(toNorm: 2)
        #expect(abs(gradients.norm - 1) < 1e-6)
    }

    @Test func `schedules rise, stay and fall`() {
        let linear = Schedule(peak: 1, steps: 10, warmUp: 2, decay: .linear)
        #expect(linear.rate(at: 0) == Float(1) / 3)
        #expect(linear.rate(at: 1) == Float(2) / 3)
        #expect(linear.rate(at: 2) == 1)
        #expect(linear.rate(at: 6) == 0.5)
        let cosine = Schedule(peak: 2, steps: 8, decay: .cosine)
        #expect(abs(cosine.rate(at: 4) - 1) < 1e-6)
        #expect(Schedule(peak: 3, steps: 5).rate(at: 4) == 3)
    }
}
