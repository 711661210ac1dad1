import Checkpoints
import Merging
import Tensors
import Testing

/// A merge small enough to be worked out by hand.
private struct Example: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let method: MergeMethod
    var models = ["A", "B", "C"]
    var options = TestOptions()
    let result: [Float]

    static let base: [Float] = [1.0, -2.0, 0.5, 3.0, 0.0]
    static let vectors: [String: [Float]] = [
        "A": [1.4, -2.1, 0.5, 2.0, 0.3],
        "B": [1.2, -1.5, 0.9, 3.2, -0.6],
        "C": [0.7, -2.2, 0.6, 2.5, 0.1],
    ]

    init(
        _ name: String,
        _ method: MergeMethod,
        _ weights: [Double],
        _ merge: [String: OptionValue] = [:],
        models: [String] = ["A", "B", "C"],
        gives result: [Float]
    ) {
        (testDescription, self.method, self.models, self.result) = (name, method, models, result)
        options.merge = merge
        options.models = weights.map { ["weight": .number($0)] }
    }
}

private let modelScope: [String: OptionValue] = [
    "trim_scope": .text("model"), "density": .number(0.4),
]

private let examples = [
    Example(
        "simple average",
        .linear,
        [1, 1, 1],
        gives: [1.1, -1.933333, 0.666667, 2.566667, -0.066667]
    ),
    Example("weighted average", .linear, [1, 2, 1], gives: [1.125, -1.825, 0.725, 2.725, -0.2]),
    Example(
        "addition",
        .taskArithmetic,
        [1, 1, 1],
        ["lambda": .number(0.3)],
        gives: [1.09, -1.94, 0.65, 2.61, -0.06]
    ),
    Example(
        "negation",
        .taskArithmetic,
        [-0.5],
        models: ["A"],
        gives: [0.8, -1.95, 0.5, 3.5, -0.15]
    ),
    Example("analogy", .taskArithmetic, [-1, 1, 1], gives: [0.5, -1.6, 1.0, 3.7, -0.8]),
    Example(
        "normalised task arithmetic is the average",
        .taskArithmetic,
        [1, 1, 1],
        ["normalize": .flag(true)],
        gives: [1.1, -1.933333, 0.666667, 2.566667, -0.066667]
    ),
    Example(
        "TIES of tensors, weighted",
        .ties,
        [1, 0.5, 2],
        ["density": .number(0.4)],
        gives: [0.7, -1.5, 0.5, 2.333333, -0.6]
    ),
    Example(
        "TIES of models, mean",
        .ties,
        [1, 1, 1],
        modelScope,
        gives: [1.4, -1.5, 0.9, 2.25, -0.6]
    ),
    Example(
        "TIES of models, sum",
        .ties,
        [1, 1, 1],
        modelScope.merging(["merge_func": .text("sum")]) { $1 },
        gives: [1.4, -1.5, 0.9, 1.5, -0.6]
    ),
    Example(
        "TIES of models, max",
        .ties,
        [1, 1, 1],
        modelScope.merging(["merge_func": .text("max")]) { $1 },
        gives: [1.4, -1.5, 0.9, 2.0, -0.6]
    ),
]

@Suite struct `Worked examples` {
    @Test(arguments: examples)
    private func `come out as worked by hand`(example: Example) throws {
        let models = try VectorModels(
            base: ["w": Example.base],
            experts: example.models.map { ["w": Example.vectors[$0] ?? []] }
        )
        let merged = try #require(try models.merged(example.method, example.options)["w"])
        for (found, expected) in zip(merged, example.result) {
            #expect(abs(found - expected) <= 1e-5, "\(merged)")
        }
    }
}

@Suite struct `What a merge refuses` {
    private let two = [["w": [1, 2] as [Float]], ["w": [3, 4]]]

    @Test func `missing options are listed for every model`() throws {
        let models = try VectorModels(base: ["w": [0, 0]], experts: two)
        let error = #expect(throws: MergeError.self) {
            try models.merged(.taskArithmetic, TestOptions())
        }
        #expect(
            error?.description
                == "task_arithmetic needs other options: weight of expert-0 for w is missing, and must "
                + "be a number; weight of expert-1 for w is missing, and must be a number. Set them "
                + "under parameters, of the model or of the recipe."
        )
    }

    @Test func `options outside their range are refused before anything is merged`() throws {
        let models = try VectorModels(base: ["w": [0, 0]], experts: two)
        let options = TestOptions(merge: ["density": .number(1.5), "trim_scope": .text("layer")])
        let error = #expect(throws: MergeError.self) { try models.merged(.ties, options) }
        let text = try #require(error?.description)
        #expect(
            text.contains("density of expert-1 for w is 1.5, but must be above 0 and at most 1")
        )
        #expect(text.contains("trim_scope for w is layer, but must be one of tensor, model"))
    }

    @Test func `weights that sum to nothing cannot be normalised`() throws {
        let models = try VectorModels(base: nil, experts: two)
        let options = TestOptions(models: [["weight": .number(1)], ["weight": .number(-1)]])
        #expect(throws: MergeError.self) { try models.merged(.linear, options) }
    }

    @Test func `without a base, no model may have more than the first`() throws {
        let error = #expect(throws: MergeError.self) {
            _ = try VectorModels(base: nil, experts: [["w": [1]], ["w": [1], "head": [2]]])
        }
        #expect(
            error == .mismatches([.missing(parameter: "head", model: "expert-0")])
        )
    }

    /// A NaN in one entry of a long vector, where trimming would drop it.
    private func broken(_ value: Float) throws -> VectorModels {
        var vector = [Float](repeating: 1, count: 40_000)
        vector[33_333] = value
        let zeros = [Float](repeating: 0, count: 40_000)
        return try VectorModels(base: ["w": zeros], experts: [["w": zeros], ["w": vector]])
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func `what is not a number is found whatever the rule`(value: Float) throws {
        let models = try broken(value)
        let scope: [[String: OptionValue]] = [[:], ["trim_scope": .text("model")]]
        for merge in scope {
            var options = TestOptions(merge: ["density": .number(0.5)])
            options.merge.merge(merge) { $1 }
            try expectNotFinite(models, .ties, options)
        }
        for method in [MergeMethod.linear, .taskArithmetic] {
            try expectNotFinite(models, method, TestOptions(merge: ["weight": .number(0)]))
        }
        for method in MergeMethods.all where method.preparation != nil {
            let error = #expect(throws: MergeError.self, "\(method.card.name)") {
                let vectors = try method.taskVectors(
                    models.pool,
                    options: TestOptions(merge: ["density": .number(0.5)]),
                    workers: Workers(2)
                )
                let coefficients = Coefficients(
                    .task,
                    models: models.pool.experts,
                    parameters: ["w"],
                    initial: 0
                )
                _ = try models.merged(by: coefficients.plan(vectors))
            }
            try expectNotFinite(error)
        }
    }

    private func expectNotFinite(
        _ models: VectorModels,
        _ method: MergeMethod,
        _ options: TestOptions
    ) throws {
        var options = options
        if method.card.name == "linear" { options.merge["normalize"] = .flag(false) }
        try expectNotFinite(
            #expect(throws: MergeError.self) { try models.merged(method, options) }
        )
    }

    private func expectNotFinite(_ error: MergeError?) throws {
        guard case .notFinite(let parameter, let model, let position) = try #require(error) else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(parameter == "w" && position == 33_333)
        #expect(model.hasSuffix("expert-1.safetensors"))
    }

    @Test func `a sum that a format cannot hold is refused`() throws {
        let models = try VectorModels(base: nil, experts: [["w": [60_000]], ["w": [60_000]]])
        let options = TestOptions(merge: ["weight": .number(1), "normalize": .flag(false)])
        let plan = try MergeMethod.linear.plan(models.pool, options: options, workers: Workers(1))
        let wide = MergedBlocks(of: models.pool, by: plan, storedAs: .bfloat16)
        let narrow = MergedBlocks(of: models.pool, by: plan, storedAs: .float16)
        for piece in 0..<wide.count { _ = try wide.form(piece) }
        #expect(throws: MergeError.overflow(parameter: "w", position: 0, dtype: .float16)) {
            for piece in 0..<narrow.count { _ = try narrow.form(piece) }
        }
    }
}
