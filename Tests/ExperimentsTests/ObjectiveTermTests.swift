import Checkpoints
import Experiments
import Foundation
import Merging
import Tensors
import TestSupport
import Testing

/// A step of learning as `history.jsonl` has it.
private struct Step: Decodable {
    var total: Double
    var entropy, marginal_entropy: [String: Double]
}

@Suite struct `Terms beside the loss of each example` {
    private func run(_ changes: [String]) throws -> (steps: [Step], lambda: [[Float]]) {
        let scratch = try ScratchDirectory()
        _ = try Learning.run(learningRecipe(changes), in: scratch.url, workers: Workers(2))
        let text = try String(
            contentsOf: scratch.url.appending(path: "history.jsonl"),
            encoding: .utf8
        )
        let trajectory = try Checkpoint(at: scratch.url.appending(path: "trajectory.safetensors"))
            .view("lambda").tensor()
        let width = trajectory.count / trajectory.shape[0]
        return (
            try text.split(separator: "\n").map {
                try JSONDecoder().decode(Step.self, from: Data($0.utf8))
            },
            (0..<trajectory.shape[0]).map {
                Array(trajectory.elements[$0 * width..<($0 + 1) * width])
            }
        )
    }

    @Test func `diversity takes off the entropy of each task's mean prediction`() throws {
        for step in try run(["parameters.diversity=0.7"]).steps {
            let expected = ["one", "two"].reduce(0.0) {
                $0 + (step.entropy[$1] ?? 0) - 0.7 * (step.marginal_entropy[$1] ?? 0)
            }
            #expect(abs(step.total - expected) < 1e-5)
        }
    }

    @Test func `an expert's own features are at no distance`() throws {
        let root = Golden.repository.appending(path: "Tests/Fixtures/learn/bert").path
        let alone = [
            "models=[{model: \(root)/expert-1}]",
            "tasks=[{name: one, data: \(root)/task-1.safetensors}]",
            "parameters.objective=agreement", "parameters.features=5",
        ]
        let (near, far) = try (
            run(alone + ["parameters.initial=1"]).steps[0].total,
            run(alone + ["parameters.initial=0.5"]).steps[0].total
        )
        #expect(abs(near) < 1e-5)
        #expect(far > 1e-3)
        // At the base, features of the size of the expert's are left to be found.
        let base = try run(alone + ["parameters.initial=0"]).steps[0].total
        #expect(base > far)
    }

    @Test func `features draw coefficients to where the expert's are found`() throws {
        let root = Golden.repository.appending(path: "Tests/Fixtures/learn/bert").path
        let steps = try run([
            "models=[{model: \(root)/expert-1}]",
            "tasks=[{name: one, data: \(root)/task-1.safetensors}]",
            "parameters.objective=agreement", "parameters.features=100",
            "parameters.granularity=task", "parameters.learning_rate=0.05", "parameters.steps=40",
        ]).lambda
        #expect(abs(try #require(steps.last?.first) - 1) < 0.2, "\(steps.last ?? [])")
    }

    @Test func `pulls are the derivatives of their penalty`() {
        let lambda = Tensor([3, 2], [0.1, 0.9, 0.4, -0.3, 0.2, 0.5])
        let initial = Tensor([3, 2], repeating: 0.3)
        let pulls = CoefficientPulls(toInitial: 2, together: 3)
        let gradient = pulls.penalty(of: lambda, from: initial).gradient.elements
        for i in 0..<6 {
            let (up, down) = (moved(lambda, i, 1e-3), moved(lambda, i, -1e-3))
            let slope =
                (pulls.penalty(of: up, from: initial).value
                    - pulls.penalty(of: down, from: initial).value) / 2e-3
            #expect(abs(slope - Double(gradient[i])) < 1e-4)
        }
        let still = CoefficientPulls(toInitial: 1, together: 1).penalty(of: initial, from: initial)
        #expect(still.value == 0 && still.gradient.elements.allSatisfy { $0 == 0 })
    }

    private func moved(_ tensor: Tensor, _ index: Int, _ step: Float) -> Tensor {
        var elements = tensor.elements
        elements[index] += step
        return Tensor(tensor.shape, elements)
    }

    @Test func `pulls hold coefficients back`() throws {
        func spread(_ changes: [String]) throws -> (far: Float, apart: Float) {
            let last = try #require(run(changes + ["parameters.learning_rate=0.1"]).lambda.last)
            let models = (0..<2).map { model in
                stride(from: model, to: last.count, by: 2).map { last[$0] }
            }
            let apart = models.map { ($0.max() ?? 0) - ($0.min() ?? 0) }
            return (last.map { abs($0 - 0.3) }.max() ?? 0, apart.max() ?? 0)
        }
        let free = try spread([])
        #expect(try spread(["parameters.pull_to_initial=1000"]).far < free.far)
        #expect(try spread(["parameters.pull_together=1000"]).apart < free.apart)
    }
}
