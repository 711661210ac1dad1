internal import Checkpoints
internal import Foundation
internal import Merging
internal import Tasks
internal import Tensors

extension MergePlan {
    /// The plan of a merge that learns.
    init(_ learning: LearningParameters, of recipe: Recipe, workers: Workers) throws {
        try recipe.checkVocabularyKeys()
        let setup = try MergeSetup(recipe)
        let open = try recipe.tasks.map { try OpenTask($0, in: setup, workers) }
        method = recipe.mergeMethod
        models = Self.models(setup)
        tensors = setup.pool.parameters.count
        elements = setup.pool.parameters.reduce(0) { $0 + $1.count }
        disk = setup.pool.parameters.reduce(0) { $0 + ($1.base?.stored.byteCount ?? 0) }
        coefficients =
            learning.granularity
            .groups(of: setup.pool.parameters.map(\.name)).count * setup.experts.count
        tasks = try open.map { try Self.task($0, workers) }

        // Two operations for each weight of a linear map and each token; tables are looked up.
        let linear = Self.linearMaps(of: setup.pool.parameters)
        let weights = Double(linear.reduce(0) { $0 + $1.count })
        let limit = learning.adaptExamples ?? .max
        let perStep = tasks.reduce(0.0) {
            $0 + 6 * weights * $1.tokens * Double(min(learning.batchSize, $1.adapt, limit))
        }
        let visited = tasks.reduce(0.0) { sum, task in
            let examples = min(task.adapt, limit, learning.batchSize * (learning.steps + 1))
            return sum + 2 * weights * task.tokens * Double(examples)
        }
        let checks = Double(learning.steps / learning.selectEvery + 2)
        let selection = tasks.reduce(0.0) {
            $0 + 2 * weights * $1.tokens * Double(min($1.select, learning.selectExamples))
        }
        let scoring = tasks.reduce(0.0) {
            $0 + 4 * 2 * weights * $1.tokens * Double($1.evaluate)
        }
        let total =
            perStep * Double(learning.steps + 1) + checks * selection + scoring
            + (learning.objective.targets.isEmpty ? 0 : visited)
        (operationsPerStep, operations) = (perStep, total)
        // Four fifths of the matrix rate are what a step reaches with everything around it.
        minutes = total / (0.8 * Self.matrixRate(workers)) / 60
        memory = Self.memory(linear, weights: Int(weights), workers: workers)
        let parameters = setup.pool.parameters
        if let start = recipe.start,
            let kind = try MergeMethods.named(start.mergeMethod).kind.statistics
        {
            try add(collecting: kind, for: start, of: parameters, workers)
        }
        if learning.initial == .gram {
            try add(collecting: .gram, for: recipe, of: parameters, workers)
        }
    }

    private static func models(_ setup: MergeSetup) -> [Model] {
        let parameters = setup.pool.parameters
        let base = Model(
            name: setup.base.url.lastPathComponent,
            path: setup.base.url.path,
            kind: "base",
            parameters: parameters.count,
            bytes: Self.bytes(setup.base.url)
        )
        return [base]
            + setup.experts.enumerated().map { index, expert in
                Model(
                    name: expert.name,
                    path: expert.directory.path,
                    kind: expert.member.lowRank == nil ? "expert" : "adapter",
                    parameters: changedParameters(by: index, in: setup.pool),
                    bytes: Self.bytes(expert.directory)
                )
            }
    }

    static func task(_ task: OpenTask, _ workers: Workers) throws -> Task {
        let adapt = try task.unlabeled(task.adapt)
        return Task(
            name: task.name,
            adapt: adapt.count,
            select: try task.unlabeled(task.select).count,
            evaluate: try task.unlabeled(task.evaluate).count,
            tokens: try task.meanLength(of: adapt, workers)
        )
    }

    private static func bytes(_ directory: URL) -> Int {
        let names = try? FileManager.default.contentsOfDirectory(atPath: directory.path)
        return bytes(
            (names ?? []).filter { $0.hasSuffix(".safetensors") }
                .map { directory.appending(path: $0) }
        )
    }

    /// The merged weights and their gradients, and the activations of one micro-batch a worker.
    private static func memory(
        _ linear: [ModelPool.Parameter],
        weights: Int,
        workers: Workers
    ) -> Int {
        // A token's activations: what enters and leaves every linear map is kept for the way back.
        let width = linear.reduce(0) { $0 + $1.shape[0] + $1.shape[1] / 2 }
        return 4 * (2 * weights + workers.count * 512 * width) + 64 << 20
    }

    /// Floating-point operations per second of matrix products of the usual shape, now.
    static func matrixRate(_ workers: Workers) -> Double {
        let x = Tensor([512, 768], repeating: 0.5)
        let w = Tensor([768, 768], repeating: 0.25)
        let (rounds, start) = (32, ContinuousClock.now)
        try? workers.forEach(rounds) { _ in _ = Tensor.linear(x, w) }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        return Double(2 * 512 * 768 * 768 * rounds) / max(seconds, 1e-6)
    }
}
