import Merging
import Tensors
import Testing

/// A merge of small matrices into zeros, worked out by other means (numpy) from the papers' equations.
private struct Example: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let method: MergeMethod
    var models: [[Float]]
    var options: [String: OptionValue] = [:]
    let result: [Float]
    /// Square but for these.
    var shape: [Int] = []

    init(
        _ name: String,
        _ method: MergeMethod,
        _ models: [[Float]],
        _ options: [String: OptionValue] = [:],
        shape: [Int] = [],
        gives result: [Float]
    ) {
        (testDescription, self.method, self.models) = (name, method, models)
        let side = models[0].count == 9 ? 3 : 2
        (self.options, self.result) = (options, result)
        self.shape = shape.isEmpty ? [side, side] : shape
    }
}

private let p: [Float] = [3, 0, 0, 1]
private let q: [Float] = [0.5, 1.5, 1.5, 0.5]
private let x1: [Float] = [2, 1, 0, 0, 1, 1, 1, 0, 2]
private let x2: [Float] = [1, 0, 2, 2, 1, 0, 0, 1, -1]
private let isoC: [Float] = [
    1.780403, -0.570956, 1.053985, 0.938928, 1.837450, -0.590678, -0.745178, 0.951049, 1.773958,
]
/// The merge so far and a new expert of OPCM's example.
private let continual: [[Float]] = [[3, 0, 0, 0, 2, 0, 0, 0, 1], Array(repeating: 1, count: 9)]
private let inOrder: [String: OptionValue] = [
    "shuffle_order": .flag(false), "alpha": .number(0.6),
]

private let examples =
    [
        Example(
            "TSV-M makes two vectors at 45° orthogonal",
            .taskSingularVectors,
            [p, q],
            gives: [2.853553, -0.353553, -0.353553, 2.146447]
        ),
        Example(
            "TSV-M leaves a direction unused where the rank does not divide",
            .taskSingularVectors,
            [x1, x2],
            gives: [
                1.652969, 0.231584, 1.347097, 1.338279, -0.369477, 0.965767, -0.175609, 2.684776,
                0.464321,
            ]
        ),
        Example(
            "TSV-M of one model is the model",
            .taskSingularVectors,
            [x1],
            gives: x1
        ),
        Example(
            "TSV-M of more models than directions changes nothing",
            .taskSingularVectors,
            [p, q, p],
            gives: [0, 0, 0, 0]
        ),
        Example("Iso-C of a positive definite sum", .isotropic, [p, q], gives: [2.5, 0, 0, 2.5]),
        Example("Iso-C", .isotropic, [x1, x2], gives: isoC),
        Example(
            "Iso-CTS",
            .isotropicCommonAndTaskSpecific,
            [x1, x2],
            ["common_space_fraction": .number(0.4)],
            gives: [
                2.583238, -0.867521, 1.298988, 1.425174, 2.336586, -1.273705, -0.639406, 1.703190,
                2.409021,
            ]
        ),
        Example(
            "Iso-CTS rounds half a direction to none",
            .isotropicCommonAndTaskSpecific,
            [x1, x2],
            gives: isoC
        ),
        Example(
            "OPCM",
            .opcm,
            continual,
            inOrder,
            gives: [
                2.261221, 0.753740, 0.753740, 0.753740, 1.507480, 0.753740, 0.753740, 0.753740,
                0.753740,
            ]
        ),
        Example(
            "KnOTS with TIES",
            .knots,
            [[2, 0, 1, 0], [1, 1, -1, 1]],
            ["topK": .number(100)],
            // One task has no part in the second direction. The method's own code finds 10⁻¹⁶ there and
            // counts it, which gives [1.5, 1, 0, 1].
            gives: [1.8, 1, -0.6, 1]
        ),
        Example(
            "KnOTS with a sum is task arithmetic",
            .knots,
            [[2, 0, 1, 0], [1, 1, -1, 1]],
            ["inner_method": .text("tv"), "merging_type": .text("sum")],
            gives: [3, 1, 0, 1]
        ),
        Example(
            "KnOTS with a common basis of the inputs and a sum is task arithmetic",
            .knots,
            [[2, 0, 1, 0], [1, 1, -1, 1]],
            ["inner_method": .text("tv"), "merging_type": .text("sum"), "concat": .text("input")],
            gives: [3, 1, 0, 1]
        ),
        Example(
            "WUDI solved",
            .wudiClosedForm,
            [[1, 0], [1, 1]],
            shape: [1, 2],
            gives: [1, 1]
        ),
        Example(
            "WUDI solved, held near the mean",
            .wudiClosedForm,
            [[1, 0], [1, 1]],
            ["omega": .number(1), "omega_mode": .text("absolute")],
            shape: [1, 2],
            gives: [1.086957, 0.478261]
        ),
        Example(
            "WUDI solved, at the weighted mean",
            .wudiClosedForm,
            [[1, 0], [1, 1]],
            ["omega": .number(1e6), "omega_mode": .text("absolute")],
            shape: [1, 2],
            gives: [1, 0.333334]
        ),
        Example(
            "WUDI solved, of matrices",
            .wudiClosedForm,
            [x1, x2],
            ["omega": .number(0.1), "omega_mode": .text("absolute")],
            gives: [
                1.813698, -0.274951, 0.975020, 0.802486, 1.426203, 0.577456, -0.011212, 1.701154,
                0.602436,
            ]
        ),
        Example(
            "WUDI solved, the smallest where inputs are never used",
            .wudiClosedForm,
            [[1, 0, 0], [1, 1, 0]],
            shape: [1, 3],
            gives: [1, 1, 0]
        ),
        Example(
            "WUDI by descent",
            .wudi,
            [[1, 0], [1, 1]],
            shape: [1, 2],
            gives: [1.997003, 0.997004]
        ),
    ]
    + [(0.0, [4, 4, 4]), (0.5, [4, 3, 3]), (0.95, [4, 3, 2])].map { beta, values in
        Example(
            "subspace boosting, β = \(beta)",
            .subspaceBoosting,
            [[4, 0, 0, 0, 3, 0, 0, 0, 2]],
            ["beta": .number(beta)],
            gives: [Float(values[0]), 0, 0, 0, Float(values[1]), 0, 0, 0, Float(values[2])]
        )
    }

@Suite struct `Worked examples of matrices` {
    private func merged(
        _ method: MergeMethod,
        _ models: [[Float]],
        _ options: [String: OptionValue],
        shape: [Int],
        name: String = "w"
    ) throws -> [Float] {
        let all = try VectorModels(
            base: [name: models[0].map { _ in 0 }],
            experts: models.map { [name: $0] },
            shapes: [name: shape]
        )
        return try #require(try all.merged(method, TestOptions(merge: options))[name])
    }

    @Test func `DOGE keeps the largest entries of vectors, or of vectors with the correction`()
        throws
    {
        let name = "layers.0.weight"
        let models = try VectorModels(
            base: [name: [0, 0, 0, 0]],
            experts: [[name: p], [name: q]],
            shapes: [name: [2, 2]]
        )
        // Adam's first step of 0.7 makes the correction [0.7, −0.7, −0.7, 0.7].
        let expected: [String: [Float]] = [
            "original": [0.081903, 0.025044, 0.025044, 0.037631],
            "corrected": [0.119469, 0, 0, 0.075197],
        ]
        for (subject, result) in expected {
            for size in [("subspace_is", "divisor", 2.0), ("subspace_is", "count", 1)] {
                let options = TestOptions(merge: [
                    "K": .number(25), "num_steps": .number(1), "lr": .number(0.7),
                    "mask_on": .text(subject), size.0: .text(size.1), "subspace": .number(size.2),
                ])
                let merged = try #require(try models.merged(.doge, options)[name])
                for (found, wanted) in zip(merged, result) {
                    #expect(abs(found - wanted) <= 1e-5, "\(subject): \(merged)")
                }
            }
        }
    }

    @Test func `a filter leaves tables to the rule of vectors`() throws {
        let (table, weight) = ("embed_tokens.weight", "layers.0.weight")
        let models = try VectorModels(
            base: [table: [0, 0, 0, 0], weight: [0, 0, 0, 0]],
            experts: [[table: p, weight: p], [table: q, weight: q]],
            shapes: [table: [2, 2], weight: [2, 2]]
        )
        for method in [MergeMethod.isotropic, .taskSingularVectors, .wudiClosedForm] {
            func merged(_ filter: String) throws -> [String: [Float]] {
                let options = TestOptions(merge: ["matrix_filter": .text(filter)])
                return try models.merged(method, options)
            }
            let (all, some) = try (merged("all_2d"), merged("linear_only"))
            #expect(some[table] == [1.75, 0.75, 0.75, 0.75], "\(method.card.name)")
            #expect(some[weight] == all[weight])
            #expect(all[table] == all[weight])
        }
    }

    @Test(arguments: examples)
    private func `come out as worked by other means`(example: Example) throws {
        let found = try merged(
            example.method,
            example.models,
            example.options,
            shape: example.shape
        )
        for (found, expected) in zip(found, example.result) {
            #expect(abs(found - expected) <= 1e-5 * max(1, abs(expected)), "\(found)")
        }
    }

    @Test func `OPCM's readings differ in what they take away`() throws {
        // Both experts' norms are known, so the scale is too: only the pattern matters.
        func pattern(_ options: [String: OptionValue]) throws -> [Bool] {
            let result = try merged(
                .opcm,
                continual,
                inOrder.merging(options) { $1 },
                shape: [3, 3]
            )
            return result.map { abs($0) > 1e-6 }
        }
        let (yes, no) = (true, false)
        #expect(
            try pattern(["cut": .text("including")]) == [yes, no, yes, no, yes, yes, yes, yes, yes]
        )
        #expect(
            try pattern(["block": .text("rows_and_cols")])
                == [yes, no, no, no, yes, yes, no, yes, yes]
        )
        // Where the diagonal stays, it grows by the new expert's, but for the block.
        let kept = try merged(
            .opcm,
            continual,
            inOrder.merging(["zero_diagonal": .flag(false)]) { $1 },
            shape: [3, 3]
        )
        #expect(abs(kept[0] / kept[1] - 3) < 1e-5 && abs(kept[4] / kept[1] - 3) < 1e-5)
    }

    @Test func `task vectors have factors of their own where alpha is a list`() throws {
        let factors = OptionValue.list([.number(2), .number(0.5)])
        let found = try merged(.taskSingularVectors, [p, q], ["alpha": factors], shape: [2, 2])
        let scaled = try merged(
            .taskSingularVectors,
            [p.map { 2 * $0 }, q.map { 0.5 * $0 }],
            [:],
            shape: [2, 2]
        )
        #expect(found == scaled)
        let vector = try merged(.taskSingularVectors, [p, q], ["alpha": factors], shape: [4])
        #expect(vector == [3.125, 0.375, 0.375, 1.125])
    }

    @Test(arguments: ["tsv_m", "iso_c", "iso_cts", "subspace_boosting", "wudi_closed_form"])
    func `task vectors of twice the size give twice the change`(name: String) throws {
        let method = try MergeMethods.named(name)
        let once = try merged(method, [x1, x2], [:], shape: [3, 3])
        let twice = try merged(
            method,
            [x1, x2].map { $0.map { 2 * $0 } },
            [:],
            shape: [3, 3]
        )
        for (a, b) in zip(once, twice) { #expect(abs(2 * a - b) <= 1e-5) }
    }

    /// What a method prepares of each model, on its own.
    private func prepared(
        _ method: MergeMethod,
        _ models: [[Float]],
        _ options: [String: OptionValue],
        shape: [Int]
    ) throws -> [[Float]] {
        let all = try VectorModels(
            base: ["w": models[0].map { _ in 0 }],
            experts: models.map { ["w": $0] },
            shapes: ["w": shape]
        )
        let vectors = try method.taskVectors(
            all.pool,
            options: TestOptions(merge: options),
            workers: Workers(2)
        )
        return try models.indices.map { k in
            var only = Coefficients(
                .task,
                models: all.pool.experts,
                parameters: ["w"],
                initial: 0
            )
            only.lambda[0][k] = 1
            return try #require(try all.merged(by: only.plan(vectors))["w"])
        }
    }

    @Test func `Iso-CTS shares what is common by how much of it each task has`() throws {
        // The sum is diag(4, 1, 1): what is common is e₁, of which the first task has three quarters;
        // the mean of 4, 1 and 1 is 2.
        let found = try prepared(
            .isotropicCommonAndTaskSpecific,
            [[3, 0, 0, 0, 1, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0, 1]],
            ["common_space_fraction": .number(0.4)],
            shape: [3, 3]
        )
        let expected: [[Float]] = [[1.5, 0, 0, 0, 2, 0, 0, 0, 0], [0.5, 0, 0, 0, 0, 0, 0, 0, 2]]
        for (found, expected) in zip(found.joined(), expected.joined()) {
            #expect(abs(found - expected) <= 1e-5)
        }
    }

    @Test(arguments: ["output", "input"])
    func `KnOTS prepares task vectors as they are where all is added up`(side: String) throws {
        let options: [String: OptionValue] = [
            "inner_method": .text("tv"), "merging_type": .text("sum"), "concat": .text(side),
        ]
        let models: [[Float]] = [[2, 0, 1, 3, 0, 5], [1, 1, -1, 1, 4, 0]]
        let found = try prepared(.knots, models, options, shape: [3, 2])
        for (found, expected) in zip(found.joined(), models.joined()) {
            #expect(abs(found - expected) <= 1e-5)
        }
    }

    @Test(arguments: ["output", "input"])
    func `KnOTS prepares what its merge adds up, if it is anything`(side: String) throws {
        for least in [0.0, 100] {
            let options: [String: OptionValue] = [
                "topK": .number(60), "eps": .number(least), "concat": .text(side),
            ]
            let models: [[Float]] = [x1, x2, p + q + [1]]
            let parts = try prepared(.knots, models, options, shape: [3, 3])
            let whole = try merged(.knots, models, options, shape: [3, 3])
            #expect(whole.contains { $0 != 0 } == (least == 0))
            for (i, expected) in whole.enumerated() {
                let sum = parts.reduce(0) { $0 + $1[i] }
                #expect(abs(sum - expected) <= 1e-5)
            }
        }
    }

    @Test func `copies of an expert count once where vectors must be orthogonal`() throws {
        // The stack of singular vectors lacks rank: nothing is made up for what it lacks.
        let found = try merged(.taskSingularVectors, [p, p], [:], shape: [2, 2])
        for (found, expected) in zip(found, [6 / 2, 0, 0, 0] as [Float]) {
            #expect(abs(found - expected) < 1e-5, "\(found)")
        }
    }

    @Test func `excluded matrices get the mean, and names must exist`() throws {
        let found = try merged(
            .isotropic,
            [p, q],
            ["exclude_keys": .list([.text("w")])],
            shape: [2, 2]
        )
        #expect(found == [1.75, 0.75, 0.75, 0.75])
        let error = #expect(throws: MergeError.self) {
            try merged(.isotropic, [p, q], ["exclude_keys": .list([.text("v")])], shape: [2, 2])
        }
        #expect(
            error?.description
                == "iso_c: exclude_keys is v, but must be the names of parameters."
        )
    }

    @Test func `a list of factors must have one for each model`() throws {
        let error = #expect(throws: MergeError.self) {
            try merged(
                .taskSingularVectors,
                [p, q],
                ["alpha": .list([.number(1)])],
                shape: [2, 2]
            )
        }
        #expect(
            error?.description == "tsv_m: alpha is a list of 1, but must be one number, or one "
                + "for each of the 2 models."
        )
        let texts = #expect(throws: MergeError.self) {
            try merged(
                .taskSingularVectors,
                [p, q],
                ["alpha": .list([.text("a"), .number(1)]), "exclude_keys": .number(2)],
                shape: [2, 2]
            )
        }
        let text = try #require(texts?.description)
        #expect(text.contains("alpha for w is [a, 1.0], but must be a number, or a list of one"))
        #expect(text.contains("exclude_keys for w is 2.0, but must be a list of texts"))
    }

    @Test func `DOP averages what is no linear weight, pair by pair or all`() throws {
        let models: [[Float]] = [[8], [0], [4]]
        let order: [String: OptionValue] = ["shuffle_order": .flag(false)]
        #expect(try merged(.dop, models, order, shape: [1]) == [4])
        let running = order.merging(["vector_rule": .text("running_mean")]) { $1 }
        #expect(try merged(.dop, models, running, shape: [1]) == [4])
        #expect(try merged(.dop, models.reversed(), order, shape: [1]) == [5])
    }

    @Test func `WUDI's rest is the mean, or the base's`() throws {
        #expect(try merged(.wudi, [[1, 2], [3, 4]], [:], shape: [2]) == [2, 3])
        let base: [String: OptionValue] = ["vector_rule": .text("base")]
        #expect(try merged(.wudi, [[1, 2], [3, 4]], base, shape: [2]) == [0, 0])
    }
}

/// Matrices of two parameters, and how Frank and Wolfe walk among them by the definition.
private struct WalkExample {
    typealias Model = [String: Tensor]

    let shapes = ["a": [2, 2], "b": [3, 2]]
    let base: [String: [Float]] = ["a": [1, 2, -3, 2], "b": [0, 0, 1, -1, 3, -3]]
    let experts: [[String: [Float]]] = [
        ["a": [0, 1, -3, 2], "b": [-2, -2, -1, -3, 1, -1]],
        ["a": [-1, 3, -2, 1], "b": [-1, 0, 0, 1, 1, -1]],
        ["a": [2, 4, -5, 1], "b": [1, 0, 2, 0, 4, -5]],
    ]

    private func model(_ elements: [String: [Float]]) -> Model {
        shapes.reduce(into: [:]) { $0[$1.key] = Tensor($1.value, elements[$1.key] ?? []) }
    }

    /// From half of all task vectors, with steps of half of Frank and Wolfe's own.
    func walked(byCosine: Bool, byLayer: Bool, rounds: Int) throws -> Model {
        let (base, experts) = (model(base), experts.map(model))
        func vector(_ model: Model, _ name: String) throws -> Tensor {
            try #require(model[name]) - #require(base[name])
        }
        var start = base
        for name in shapes.keys {
            for expert in experts { start[name]?.add(try vector(expert, name), times: 0.5) }
        }
        var point = start
        for round in 0..<rounds {
            var next = point
            for group in byLayer ? shapes.keys.map({ [$0] }) : [Array(shapes.keys)] {
                let scores = try ([start] + experts).map { candidate in
                    try group.reduce(0.0) { sum, name in
                        let change = try vector(point, name)
                        var gradient = Tensor.zeros(change.shape)
                        for expert in experts {
                            let own = try vector(expert, name)
                            let image = Tensor.matmul(change - own, own, transposingB: true)
                            let factor = Float(2 / own.dot(own))
                            gradient.add(Tensor.matmul(image, own), times: factor)
                        }
                        let values = try #require(candidate[name])
                        let norms = byCosine ? gradient.norm * values.norm : 1
                        return sum + gradient.dot(values) / norms
                    }
                }
                let best = try #require(scores.indices.min { scores[$0] < scores[$1] })
                for name in group {
                    let target = try #require(best == 0 ? start[name] : experts[best - 1][name])
                    let step = try target - #require(point[name])
                    next[name]?.add(step, times: 1 / Float(round + 2))
                }
            }
            point = next
        }
        return point
    }
}

@Suite struct `Frank-Wolfe over task vectors` {
    private let models: [[Float]] = [x1, x2]

    @Test(arguments: ["task", "layer"])
    func `walks to candidates by either score`(chooser: String) throws {
        let example = WalkExample()
        let all = try VectorModels(
            base: example.base,
            experts: example.experts,
            shapes: example.shapes
        )
        func merged(_ options: [String: OptionValue]) throws -> [String: [Float]] {
            let own: [String: OptionValue] = [
                "max_iters": .number(3), "step_size": .number(1), "scaling_factor": .number(0.5),
                "granularity": .text(chooser),
            ]
            return try all.merged(
                .frankWolfe,
                TestOptions(merge: own.merging(options) { $1 })
            )
        }
        for score in ["cosine_sum", "inner_product"] {
            let found = try merged(["score": .text(score)])
            let expected = try example.walked(
                byCosine: score == "cosine_sum",
                byLayer: chooser == "layer",
                rounds: 3
            )
            for (name, tensor) in expected {
                for (found, expected) in zip(try #require(found[name]), tensor.elements) {
                    #expect(abs(found - expected) <= 1e-5, "\(score) of \(name)")
                }
            }
        }
        #expect(try merged([:]) == merged(["score": .text("cosine_sum")]))
        #expect(try merged([:]) != merged(["score": .text("inner_product")]))
    }

    private func merged(_ options: [String: OptionValue]) throws -> [Float] {
        let all = try VectorModels(
            base: ["w": x1.map { _ in 0 }],
            experts: models.map { ["w": $0] },
            shapes: ["w": [3, 3]]
        )
        return try #require(try all.merged(.frankWolfe, TestOptions(merge: options))["w"])
    }

    private func objective(_ change: [Float]) -> Double {
        models.reduce(0) { sum, model in
            let own = Tensor([3, 3], model)
            let rest = Tensor([3, 3], change) - own
            let product = Tensor.matmul(rest, own, transposingB: true)
            return sum + product.dot(product) / own.dot(own)
        }
    }

    @Test func `a full step from the base reaches the expert that lies farthest down`() throws {
        let found = try merged([
            "init_weight": .text("base"), "max_iters": .number(1), "step_size": .number(1),
            "scaling_factor": .number(1), "score": .text("inner_product"),
        ])
        // The gradient at 0 by its definition: −2·Σₖ τₖ·τₖᵀτₖ/‖τₖ‖².
        let gradient = models.reduce(Tensor.zeros([3, 3])) { sum, model in
            let own = Tensor([3, 3], model)
            let gram = Tensor.matmul(own, own, transposingA: true)
            return sum - Tensor.matmul(own, gram) * Float(2 / own.dot(own))
        }
        let slopes = models.map { gradient.dot(Tensor([3, 3], $0)) }
        #expect(found == models[slopes[0] < slopes[1] ? 0 : 1])
    }

    @Test(arguments: ["task", "layer"])
    func `many rounds reach the least there is in the hull`(chooser: String) throws {
        let found = try merged([
            "max_iters": .number(4000), "step_size": .number(1), "scaling_factor": .number(1),
            "granularity": .text(chooser), "init_weight": .text("base"),
            "score": .text("inner_product"),
        ])
        var least = Double.infinity
        for i in 0...100 {
            for j in 0...(100 - i) {
                let change = zip(x1, x2).map { Float(i) / 100 * $0 + Float(j) / 100 * $1 }
                least = min(least, objective(change))
            }
        }
        #expect(objective(found) <= least + 0.01)
    }

    @Test func `no rounds leave the start`() throws {
        let found = try merged(["max_iters": .number(0)])
        for (found, expected) in zip(found, zip(x1, x2).map { 0.3 * ($0 + $1) }) {
            #expect(abs(found - expected) < 1e-6)
        }
    }
}
