import Foundation
import Testing

@testable import Experiments

@Suite struct `Resolved recipes` {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch("base/", "m/", "odd@x/", "d/", "gram.safetensors")
    }

    /// Reads a resolved recipe where none of its paths lead anywhere but by being absolute.
    private func reread(_ recipe: Recipe) throws -> Recipe {
        let elsewhere = try Scratch()
        let document = try RecipeDocument(recipe.resolvedYAML(), file: recipe.source)
        return try Recipe(document, methods: testMethods, workingDirectory: elsewhere.url)
    }

    static let recipes = [
        "{merge_method: linear, models: [{model: m, parameters: {weight: 1e-7}}]}",
        """
        {merge_method: ties, base_model: owner/name@v1, models: [{model: odd@x}, {model: m+d}],
        parameters: {weight: [0, 0.5, 1], density: {filter: "*", value: [1, 0.25]}}}
        """,
        """
        {merge_method: adamerging++, base_model: base, models: [{model: m}],
        tasks: [{data: {path: d, text: "yes", label: "1"}, prompts: ["a {}"], adapt: "train[-10%:]",
        weight: 0.125}], parameters: {initial: m, warmup: 0.1, optimizer: sgd, gradient_clip: 0.1}}
        """,
        "{merge_method: regmean, models: [{model: m, statistics: gram.safetensors}], seed: 3}",
        """
        {merge_method: passthrough, slices: [{sources: [{model: m, layer_range: [0, 2],
        parameters: {scale: [{filter: o_proj, value: 0}, {value: 1}]}}], residual_weight: 0.1}],
        tokenizer_source: union, chat_template: auto, dtype: float16, out_dtype: bfloat16}
        """,
        """
        {merge_method: linear, modules: {"1": {models: [{model: {model: {path: m, revision: "2"},
        lora: d, override_architecture: X}}], parameters: {weight: 2}}}, tokenizer: {tokens:
        {"on": {source: {kind: zero}}, "null": {force: true}}},
        chat_template: "{% if x: %}\\n  *bold*  \\n{% endif %}\\t"}
        """,
    ]

    @Test(arguments: recipes.indices)
    func `a resolved recipe read again is the same recipe`(index: Int) throws {
        let recipe = try scratch.recipe(Self.recipes[index])
        let again = try reread(recipe)
        #expect(again == recipe)
        #expect(again.differences(from: recipe).isEmpty)
        #expect(try again.resolvedYAML() == recipe.resolvedYAML())
    }

    @Test func `every default is written out, in one order`() throws {
        let recipe = try scratch.recipe(
            "{tasks: [{data: d}], merge_method: adamerging, models: [{model: m}], base_model: base}"
        )
        let root = scratch.url.path
        #expect(
            try recipe.resolvedYAML() == """
                merge_method: adamerging
                base_model: \(root)/base
                models:
                - model: \(root)/m
                tasks:
                - name: m
                  model: \(root)/m
                  data:
                    path: \(root)/d
                  similarity: dot
                  weight: 1
                parameters:
                  granularity: tensor
                  initial: 0.3
                  steps: 500
                  batch_size: 16
                  adapt_examples: all
                  objective: entropy
                  diversity: 0
                  features: 0
                  pull_to_initial: 0
                  pull_together: 0
                  optimizer: adam
                  learning_rate: 0.001
                  beta1: 0.9
                  beta2: 0.999
                  epsilon: 1.0e-08
                  weight_decay: 0
                  warmup: 0
                  decay: none
                  gradient_clip: none
                  bounds: none
                  keep: best
                  select_every: 10
                  select_examples: 256
                seed: 0

                """
        )
    }

    @Test func `differences are named by their keys`() throws {
        let text = "{merge_method: ties, models: [{model: m}], parameters: {weight: [0, 1]}}"
        let one = try scratch.recipe(text)
        let other = try scratch.recipe(
            text,
            "parameters.weight=[0, 0.5]",
            "seed=4",
            "dtype=float32",
            "models.0.parameters={density: 0.5}"
        )
        #expect(
            other.differences(from: one) == [
                RecipeDifference(key: "models.0.parameters.density", mine: "0.5", theirs: nil),
                RecipeDifference(key: "parameters.weight.1", mine: "0.5", theirs: "1"),
                RecipeDifference(key: "dtype", mine: "float32", theirs: nil),
                RecipeDifference(key: "seed", mine: "4", theirs: "0"),
            ]
        )
        #expect(one.differences(from: one).isEmpty)
        #expect(one.differences(from: other).map(\.mine) == ["1", "0", nil, nil])
    }
}
