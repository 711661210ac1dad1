import Checkpoints
import Foundation
import TestSupport
import Tensors
import Testing

@testable import Experiments
@testable import Merging

private let prepared = MergeMethods.all.filter { $0.preparation != nil }.map(\.card.name)

/// Task vectors that a method prepares, for coefficients to be learned of.
@Suite struct `Prepared task vectors` {
    /// What a recipe says where a method is to add up its vectors as they are.
    private let asTheyAre: [String: Setting.Scalar] = [
        "weight": 1, "normalize": false, "lambda": 1, "scaling_factor": 1, "merge_func": "sum",
        "alpha": 1,
    ]

    /// Some of a method's options, so that preparing does something.
    private func choice(_ method: MergeMethod) -> MethodChoice {
        var options: [String: Setting.Scalar] = [
            "density": 0.6, "beta": 0.3, "epsilon": 0.2, "common_space_fraction": 0.5,
        ]
        // `della` ranks rows.
        if method.card.name == "della_linear" { options["rank_scope"] = "tensor" }
        if method.card.name == "svc_task_arithmetic" {
            options["alpha"] = 0.4
            options["scaling_factor"] = 0.7
        }
        return MethodChoice(
            method.card.name,
            parameters: options.filter { method.preparation?.options.contains($0.key) == true }
                .mapValues(Setting.scalar)
        )
    }

    private func setup(_ choice: MethodChoice) throws -> MergeSetup {
        try MergeSetup(
            Recipe(
                mergeMethod: "adamerging",
                baseModel: ModelReference(FixtureModels.base),
                models: FixtureModels.experts.map { RecipeModel(ModelReference($0)) },
                learning: LearningParameters(taskVectors: choice)
            )
        )
    }

    private func coefficients(_ setup: MergeSetup, _ value: Float) -> Coefficients {
        Coefficients(
            .task,
            models: setup.pool.experts,
            parameters: setup.pool.parameters.map(\.name),
            initial: value
        )
    }

    @Test(arguments: prepared)
    func `add up to the method's own merge`(name: String) throws {
        let folder = try ModelFolder()
        let method = try MergeMethods.named(name)
        let choice = choice(method)
        let setup = try setup(choice)
        try Export.write(
            coefficients(setup, 1),
            of: setup,
            to: folder.file("learned"),
            workers: Workers(2)
        )
        let options = Set(method.card.options.map(\.name))
        let recipe = Recipe(
            mergeMethod: name,
            baseModel: ModelReference(FixtureModels.base),
            models: FixtureModels.experts.map { RecipeModel(ModelReference($0)) },
            parameters: asTheyAre.filter { options.contains($0.key) }.mapValues(Setting.scalar)
                .merging(choice.parameters) { $1 }
        )
        try Merge.run(recipe, to: folder.file("merged"), workers: Workers(2))
        // Factors of matrices are rounded to float32; the rest is a sum in another order.
        try expectEqual(
            Checkpoint(at: folder.file("learned")),
            Checkpoint(at: folder.file("merged")),
            within: Tolerance(absolute: 3e-6, relative: 1e-6)
        )
    }

    @Test(arguments: prepared)
    func `are the same by blocks, by rows, in sums and in products`(name: String) throws {
        let vectors = try setup(choice(MergeMethods.named(name))).vectors(Workers(2))
        let pool = vectors.pool
        var generator = SeededGenerator(seed: 3, "gradients")
        for parameter in pool.parameters {
            let whole = 0..<parameter.count
            let base = try #require(parameter.base).tensor()
            let flat = base.elements(in: whole)
            let all = try vectors.differences(of: parameter, in: whole, base: flat)
            #expect(all.count == pool.experts.count)
            let scale = all.map { abs($0.elements.max(by: { abs($0) < abs($1) }) ?? 0) }.max() ?? 0
            let limit = Tolerance(absolute: 1e-6 * Double(scale) * 40 + 1e-9)

            let factors: [Float] = pool.experts.indices.map { 0.3 + 0.2 * Float($0) }
            var expected = flat
            for (vector, factor) in zip(all, factors) { expected.add(vector, times: factor) }
            var sum = flat
            try vectors.add(parameter, in: whole, base: flat, by: factors, to: &sum)
            #expect(limit.excess(of: sum.elements, over: expected.elements) <= 0, "\(name)")

            let gradient = Tensor(parameter.shape) { output in
                for _ in 0..<parameter.count { output.append(generator.normal()) }
            }
            let products = try vectors.products(gradient, with: parameter)
            for (product, vector) in zip(products, all) {
                let direct = gradient.elements(in: whole).dot(vector)
                let size = gradient.elements(in: whole).norm * vector.norm
                #expect(abs(product - direct) <= 1e-6 * size + 1e-9, "\(parameter.name)")
            }
            guard parameter.shape.count == 2 else { continue }
            let rows: [Int32] = [Int32(parameter.shape[0] - 1), 0]
            let picked = try vectors.differences(of: parameter, rows: rows, base: base.rows(rows))
            for (some, vector) in zip(picked, all) {
                let same = vector.reshaped(parameter.shape).rows(rows)
                #expect(limit.excess(of: some.elements, over: same.elements) <= 0, "\(name)")
            }
        }
    }

    @Test func `are learned of, and a stopped run ends with the same bits`() throws {
        let recipe = try learningRecipe(["parameters.task_vectors={method: tsv_m}"])
        let (one, two) = (try ScratchDirectory(), try ScratchDirectory())
        let result = try Learning.run(recipe, in: one.url, workers: Workers(1))
        let again = try Learning.run(recipe, in: two.url, workers: Workers(3))
        #expect(result.coefficients == again.coefficients)
        #expect(Set(result.coefficients.lambda.flatMap(\.self)).count > 2)
        let plain = try ScratchDirectory()
        let other = try Learning.run(learningRecipe(), in: plain.url, workers: Workers(2))
        #expect(other.coefficients != result.coefficients)
    }

    @Test func `AdaMerging++ is AdaMerging on what TIES prepares of the whole model`() throws {
        let short = try learningRecipe(["merge_method=adamerging++", "parameters.density=0.3"])
        let long = try learningRecipe(
            ["parameters.task_vectors={method: ties, trim_scope: model, density: 0.3}"]
        )
        let (one, two) = (try ScratchDirectory(), try ScratchDirectory())
        let first = try Learning.run(short, in: one.url, workers: Workers(2)).coefficients
        let second = try Learning.run(long, in: two.url, workers: Workers(2)).coefficients
        #expect(first == second)
        #expect(try short.resolvedYAML().contains("trim_scope: model"))
        let again = try Recipe(RecipeDocument(short.resolvedYAML()), methods: MethodSignature.all)
        #expect(again.learning == short.learning)
    }

    @Test func `come from methods that prepare some, with options that matter to them`() {
        let mistakes = [
            "{method: wudi}": "a method that prepares task vectors: breadcrumbs,",
            "{method: tsvm}": "tsv_m",
            "{method: ties, weight: 2}": "`parameters.task_vectors.weight`",
            "{method: ties, density: big}": "a number",
            "{density: 0.2}": "`parameters.task_vectors.method` is missing",
        ]
        for (text, sentence) in mistakes {
            let error = #expect(throws: RecipeError.self, "\(text)") {
                try learningRecipe(["parameters.task_vectors=\(text)"])
            }
            #expect("\(error as Any)".contains(sentence), "\(text)")
        }
        #expect(throws: MergeError.self) {
            try setup(MethodChoice("ties", parameters: ["density": .scalar(0)])).vectors(Workers(1))
        }
    }
}
