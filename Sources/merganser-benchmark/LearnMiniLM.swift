import Autograd
import Checkpoints
import Experiments
import Foundation
import Merging
import Synchronization
import Tasks
import Tensors
import Transformers

/// One step of tensor-wise learning: four dense experts, 16 texts of 64 tokens of each task.
struct LearnMiniLM {
    static let (tasks, batch, length) = (4, 16, 64)

    let models: SyntheticModels
    let workers: Workers

    /// The matrix products of a step, forwards and twice as many backwards.
    static var operations: Double {
        let (layers, width, inner) = (6.0, 384.0, 1536.0)
        let tokens = Double(tasks * batch * length)
        let linear = layers * (4 * width * width + 2 * width * inner)
        let attention = layers * 2 * width * Double(length)
        return 3 * 2 * tokens * (linear + attention)
    }

    func run(steps: Int, ceiling: Double) throws -> Measurement {
        let base = try ModelDirectory(models.directory.appending(path: "base"))
        let experts = try (1...models.experts).map { index in
            let url = models.directory.appending(path: "expert-\(index)")
            return try TaskExpert(
                name: "expert-\(index)",
                directory: ModelDirectory(url),
                base: base
            )
        }
        let checkpoint = try base.checkpoint()
        let names = Set(checkpoint.names.filter { !experts[0].architecture.isHead($0) })
        let pool = try ModelPool(
            base: ("base", checkpoint),
            experts: experts.map(\.member),
            names: names
        )
        let tasks = experts.enumerated().map { index, expert in
            var generator = SeededGenerator(seed: 1, "ids", index)
            let texts = (0..<Self.batch).map { _ in
                (0..<Self.length).map { _ in
                    Int32(truncatingIfNeeded: generator.next() % 30_000)
                }
            }
            return LearningTask(
                name: expert.name,
                weight: 1,
                expert: expert,
                examples: EncodedExamples(tokens: TokenBatch(texts))
            )
        }
        let objective = PredictionObjective(
            .entropy,
            tasks: tasks,
            batchSize: Self.batch,
            steps: steps,
            seed: 0
        ) { _, _ in Tensor(0) }
        var learner = CoefficientLearner(
            PlainTaskVectors(pool),
            from: Coefficients(
                .tensor,
                models: pool.experts,
                parameters: pool.parameters.map(\.name),
                initial: 0.3
            ),
            options: .init(schedule: Schedule(peak: 1e-3, steps: steps)),
            workers: workers
        )
        var times: [Double] = []
        for _ in 0...steps {
            times.append(
                try seconds { try learner.update(along: learner.measure(objective)) }
            )
        }
        let median = Array(times.dropFirst()).median
        let floor = Self.operations / ceiling
        return Measurement(
            workload: "learn-minilm",
            seconds: median,
            floorSeconds: floor,
            ofCeiling: floor / median,
            anonymousBytes: ResidentMemory.anonymous
        )
    }
}
