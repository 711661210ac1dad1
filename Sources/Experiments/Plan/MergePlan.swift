internal import Checkpoints
internal import Foundation
internal import Merging
internal import Tasks
public import Tensors
internal import Transformers

/// What a recipe will do and cost, told from headers before anything is computed.
public struct MergePlan: Codable, Sendable {
    /// One model of the recipe.
    public struct Model: Codable, Sendable {
        /// The name of the model.
        public var name: String
        /// Where it lies.
        public var path: String
        /// `base`, `expert` or `adapter`.
        public var kind: String
        /// How many of the merged parameters the model changes or holds.
        public var parameters: Int
        /// The size of its weights on disk, in bytes.
        public var bytes: Int
    }

    /// One task of the recipe.
    public struct Task: Codable, Sendable {
        /// The name of the task.
        public var name: String
        /// The number of examples of its splits.
        public var adapt, select, evaluate: Int
        /// The mean number of tokens of an example.
        public var tokens: Double
    }

    /// The merge method.
    public var method: String
    /// The models, the base first.
    public var models: [Model]
    /// The tasks.
    public var tasks: [Task]
    /// The number of parameter tensors that are merged, and of their elements.
    public var tensors, elements: Int
    /// The number of coefficients to learn.
    public var coefficients: Int?
    /// Floating-point operations of one step, and of the whole run with its scores.
    public var operationsPerStep, operations: Double?
    /// The minutes that this machine will take, from its rate of matrix products now.
    public var minutes: Double?
    /// Resident memory beyond mapped files, in bytes.
    public var memory: Int
    /// What the merged checkpoint takes on disk, in bytes.
    public var disk: Int

    /// Reads the headers of a learned merge's models and the sizes of its data.
    ///
    /// Everything that does not match is thrown together.
    public init(_ recipe: Recipe, workers: Workers) throws {
        guard let learning = recipe.learning else {
            throw ExperimentError.notLearned(method: recipe.mergeMethod)
        }
        let setup = try MergeSetup(recipe)
        let open = try recipe.tasks.map { try OpenTask($0, in: setup) }
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
        let linear = setup.pool.parameters.filter {
            $0.shape.count == 2 && !$0.name.contains("embeddings")
        }
        let weights = Double(linear.reduce(0) { $0 + $1.count })
        let perStep = tasks.reduce(0.0) {
            $0 + 6 * weights * $1.tokens * Double(min(learning.batchSize, $1.adapt))
        }
        let visited = tasks.reduce(0.0) { sum, task in
            let examples = min(task.adapt, learning.batchSize * (learning.steps + 1))
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
            + (learning.objective == .agreement ? visited : 0)
        (operationsPerStep, operations) = (perStep, total)
        // Four fifths of the matrix rate are what a step reaches with everything around it.
        minutes = total / (0.8 * Self.matrixRate(workers)) / 60
        memory = Self.memory(linear, weights: Int(weights), workers: workers)
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
                let changed = parameters.count {
                    if case .unchanged = $0.experts[index] { false } else { true }
                }
                return Model(
                    name: expert.name,
                    path: expert.directory.path,
                    kind: expert.member.lowRank == nil ? "expert" : "adapter",
                    parameters: changed,
                    bytes: Self.bytes(expert.directory)
                )
            }
    }

    private static func task(_ task: OpenTask, _ workers: Workers) throws -> Task {
        let adapt = try task.unlabeled(task.adapt)
        let encoded = try task.encode(adapt, workers)
        return Task(
            name: task.name,
            adapt: adapt.count,
            select: try task.unlabeled(task.select).count,
            evaluate: try task.unlabeled(task.evaluate).count,
            tokens: Double(encoded.lengths.reduce(0, +)) / Double(max(1, encoded.count))
        )
    }

    private static func bytes(_ directory: URL) -> Int {
        let names = try? FileManager.default.contentsOfDirectory(atPath: directory.path)
        return (names ?? []).filter { $0.hasSuffix(".safetensors") }.reduce(0) { sum, name in
            let path = directory.appending(path: name).resolvingSymlinksInPath().path
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            return sum + ((attributes?[.size] as? NSNumber)?.intValue ?? 0)
        }
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
    private static func matrixRate(_ workers: Workers) -> Double {
        let x = Tensor([512, 768], repeating: 0.5)
        let w = Tensor([768, 768], repeating: 0.25)
        let (rounds, start) = (32, ContinuousClock.now)
        try? workers.forEach(rounds) { _ in _ = Tensor.linear(x, w) }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        return Double(2 * 512 * 768 * 768 * rounds) / max(seconds, 1e-6)
    }
}

extension MergePlan {
    /// The plan for people.
    public func text(width: Int?) -> String {
        var table = TextTable(
            [.text("model"), .text("kind"), .number("tensors"), .number("size"), .text("path")]
        )
        for model in models {
            table.add(
                [
                    model.name, model.kind, String(model.parameters), Self.size(model.bytes),
                    model.path,
                ]
            )
        }
        var data = TextTable(
            [
                .text("task"), .number("adapt"), .number("select"), .number("evaluate"),
                .number("tokens each"),
            ]
        )
        for task in tasks {
            data.add(
                [
                    task.name, String(task.adapt), String(task.select), String(task.evaluate),
                    task.tokens.formatted(.number.precision(.fractionLength(1))),
                ]
            )
        }
        var facts = TextTable([.text("the merge"), .text("")])
        facts.add(["method", method])
        facts.add(["merged tensors", "\(tensors), \(Self.short(Double(elements))) elements"])
        if let coefficients { facts.add(["coefficients", String(coefficients)]) }
        if let operationsPerStep { facts.add(["a step", Self.short(operationsPerStep) + "FLOP"]) }
        if let operations { facts.add(["the run", Self.short(operations) + "FLOP"]) }
        if let minutes {
            facts.add(
                [
                    "time here, now",
                    minutes.formatted(.number.precision(.fractionLength(1))) + " min",
                ]
            )
        }
        facts.add(["memory beyond files", Self.size(memory)])
        facts.add(["merged checkpoint", Self.size(disk)])
        return [table.text(width: width), data.text(width: width), facts.text(width: width)]
            .joined(separator: "\n")
    }

    private static func size(_ bytes: Int) -> String {
        let megabytes = Double(bytes) / 1e6
        return megabytes >= 1000
            ? (megabytes / 1000).formatted(.number.precision(.fractionLength(2))) + " GB"
            : megabytes.formatted(.number.precision(.fractionLength(1))) + " MB"
    }

    private static func short(_ number: Double) -> String {
        for (limit, unit) in [(1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")]
        where number >= limit {
            return (number / limit).formatted(.number.precision(.fractionLength(1))) + " " + unit
        }
        return number.formatted(.number.precision(.fractionLength(0))) + " "
    }
}
