import Autograd
import Foundation
import Merging
import Tasks
import Testing

@testable import Experiments

@Suite struct `Reading a recipe` {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch(
            "models/base/",
            "experts/snips/",
            "experts/emotions/",
            "data/snips/",
            "data/e.jsonl",
            "head.safetensors",
            "gram.safetensors",
            "runs/one/",
            "calibration.safetensors"
        )
    }

    private func source(_ name: String) -> ModelReference {
        ModelReference(.init(.directory(scratch.path(name))))
    }

    private let example = """
        merge_method: adamerging          # also: adamerging++, regmean, fisher
        base_model: models/base
        models:
          - model: experts/snips
          - model: experts/emotions
        tasks:
          - name: snips
            model: experts/snips
            data: data/snips
            adapt: train[:2000]
            select: train[2000:2500]
            evaluate: test
            weight: 1
          - data: {path: data/e.jsonl, format: jsonl, text: a, text_pair: b, label: c, max_length: 64}
            head: head.safetensors
            similarity: cosine
            weight: 2.5
        parameters:
          granularity: tensor
          initial: 0.3
          steps: 500
          batch_size: 16
          objective: entropy
          learning_rate: 1.0e-3
          bounds: none
          keep: best
        dtype: float32
        seed: 0
        """

    @Test func `the example of the documentation is read`() throws {
        let recipe = try scratch.recipe(example)
        #expect(recipe.mergeMethod == "adamerging")
        #expect(recipe.baseModel == source("models/base"))
        #expect(recipe.experts == [source("experts/snips"), source("experts/emotions")])
        #expect(
            recipe.tasks == [
                RecipeTask(
                    "snips",
                    model: source("experts/snips"),
                    data: TaskData(scratch.path("data/snips")),
                    adapt: try SplitReference(parsing: "train[:2000]"),
                    select: try SplitReference(parsing: "train[2000:2500]"),
                    evaluate: SplitReference(split: "test")
                ),
                RecipeTask(
                    "emotions",
                    model: source("experts/emotions"),
                    data: TaskData(
                        scratch.path("data/e.jsonl"),
                        format: "jsonl",
                        text: "a",
                        textPair: "b",
                        label: "c",
                        maxLength: 64
                    ),
                    head: TaskHead(file: scratch.path("head.safetensors"), similarity: .cosine),
                    weight: 2.5
                ),
            ]
        )
        // The values of the example are the defaults.
        #expect(recipe.learning == LearningParameters())
        #expect(recipe.parameters.isEmpty)
        #expect(recipe.dtype == .float32)
        #expect(recipe.outDtype == nil)
        #expect(recipe.seed == 0)
        #expect(recipe.source?.lastPathComponent == "recipe.yml")
    }

    @Test func `overrides reach into lists by name`() throws {
        let recipe = try scratch.recipe(
            example,
            "tasks.snips.weight=2",
            "models.emotions.parameters=",
            "parameters.steps=10",
            "seed=18446744073709551615",
            "out_dtype=torch.bfloat16",
            "tasks.1.name=moods"
        )
        #expect(recipe.tasks.map(\.weight) == [2, 2.5])
        #expect(recipe.tasks.map(\.name) == ["snips", "moods"])
        #expect(recipe.learning?.steps == 10)
        #expect(recipe.seed == .max)
        #expect(recipe.outDtype == .bfloat16)
    }

    // MARK: Tasks

    @Test func `a method that needs data has one task for each expert`() throws {
        let recipe = try scratch.recipe(
            """
            merge_method: regmean
            base_model: models/base
            models:
              - {model: models/base}
              - {model: experts/snips, statistics: gram.safetensors}
              - {model: experts/emotions, statistics: gram.safetensors}
            """
        )
        #expect(recipe.tasks.map(\.name) == ["snips", "emotions"])
        #expect(recipe.tasks.map(\.model) == recipe.experts)
        #expect(recipe.models[1].statistics == scratch.path("gram.safetensors"))
        #expect(recipe.parameters == ["alpha": .scalar(0.9)])
    }

    @Test func `any other method has those that are listed`() throws {
        let text = "{merge_method: linear, models: [{model: experts/snips}]}"
        #expect(try scratch.recipe(text).tasks.isEmpty)
        let listed = try scratch.recipe(text, "tasks=[{data: data/snips}, {model: models/base}]")
        #expect(listed.tasks.map(\.name) == ["snips", "base"])
        #expect(listed.tasks.map(\.data) == [TaskData(scratch.path("data/snips")), nil])
    }

    @Test(arguments: [
        ("a photo of a {}", TaskHead.Prompts(templates: ["a photo of a {}"])),
        ("[\"a {}\", \"the {}\"]", TaskHead.Prompts(templates: ["a {}", "the {}"])),
        ("[cat, dog, 3]", TaskHead.Prompts(templates: ["{}"], classes: ["cat", "dog", "3"])),
        (
            "{templates: \"a {}\", classes: [cat, dog]}",
            TaskHead.Prompts(templates: ["a {}"], classes: ["cat", "dog"])
        ),
        ("{classes: [cat]}", TaskHead.Prompts(classes: ["cat"])),
    ])
    func `prompts are templates, classes or both, and compared by cosine`(
        yaml: String,
        prompts: TaskHead.Prompts
    ) throws {
        let text = "{merge_method: linear, models: [{model: experts/snips}]}"
        let quoted = yaml.hasPrefix("a") ? "\"\(yaml)\"" : yaml
        let recipe = try scratch.recipe(text, "tasks=[{prompts: \(quoted)}]")
        #expect(recipe.tasks[0].head == TaskHead(similarity: .cosine, prompts: prompts))
    }

    // MARK: mergekit's schema

    @Test func `slices, modules and tokenizers are kept`() throws {
        let recipe = try scratch.recipe(
            """
            name: a-name
            merge_method: passthrough
            modules:
              text:
                slices:
                  - sources: [{model: experts/snips, layer_range: [0, 2], parameters: {scale: [1, 0]}}]
                    base_model: models/base
                    residual_weight: 0.5
              vision: {models: [{model: experts/emotions}], parameters: {scale: 2}}
            tokenizer:
              source: experts/snips
              tokens:
                <|x|>: {source: {kind: model_token, model: models/base, token: y}, force: true}
                b: {source: {kind: model_token, model: models/base, token_id: 3}}
                c: {source: {kind: zero}}
                d: {source: experts/snips}
              pad_to_multiple_of: 64
            chat_template: "{% for m in messages %}{{ m }}{% endfor %}"
            """
        )
        let base = source("models/base")
        let snips = source("experts/snips")
        #expect(
            recipe.modules == [
                RecipeModule(
                    "text",
                    slices: [
                        RecipeSlice(
                            [.init(snips, layers: 0..<2, parameters: ["scale": .list([1, 0])])],
                            baseModel: base,
                            residualWeight: 0.5
                        )
                    ]
                ),
                RecipeModule(
                    "vision",
                    models: [RecipeModel(source("experts/emotions"))],
                    parameters: ["scale": .scalar(2)]
                ),
            ]
        )
        let expected = TokenizerParameters(
            source: .model(snips),
            tokens: [
                "<|x|>": .init(source: .token("y", of: base), force: true),
                "b": .init(source: .identifier(3, of: base)), "c": .init(source: .zero),
                "d": .init(source: .model(snips)),
            ],
            padToMultipleOf: 64
        )
        #expect(recipe.tokenizer == expected)
        #expect(recipe.chatTemplate == .inline("{% for m in messages %}{{ m }}{% endfor %}"))
    }

    @Test(arguments: [
        ("union", TokenizerParameters.Source.union), ("base", .base),
        ("owner/name", .model(ModelReference(.init(.hub("owner/name"))))),
    ])
    func `a tokenizer may be named by its source`(
        text: String,
        source: TokenizerParameters.Source
    ) throws {
        let recipe = try scratch.recipe(
            "{merge_method: linear, models: [{model: experts/snips}], chat_template: llama3}",
            "tokenizer_source=\(text)"
        )
        #expect(recipe.tokenizerSource == source)
        #expect(recipe.chatTemplate == .named(.llama3))
    }

    @Test func `keys that make no difference are accepted wherever options stand`() throws {
        let recipe = try scratch.recipe(
            """
            int8_mask: true
            merge_method: ties
            models: [{model: experts/snips, parameters: {int8_mask: true}}]
            parameters: {int8_mask: true, normalize: 0}
            dtype:
            """
        )
        #expect(recipe.models[0].parameters.isEmpty)
        #expect(recipe.parameters["int8_mask"] == nil)
        #expect(recipe.parameters["normalize"] == .scalar(false))
    }

    @Test func `defaults of options are filled in where nothing is said`() throws {
        let recipe = try scratch.recipe(
            """
            merge_method: ties
            models: [{model: experts/snips}]
            parameters: {density: [{filter: mlp, value: 0.5}], weight: 1}
            """
        )
        #expect(
            recipe.parameters == [
                "density": .filtered([.init("mlp", .scalar(0.5)), .init(nil, .scalar(1))]),
                "weight": .scalar(1), "lambda": .scalar(1), "normalize": .scalar(true),
            ]
        )
    }

    @Test func `options of all kinds are read`() throws {
        let recipe = try scratch.recipe(
            """
            merge_method: model_tailor
            models: [{model: experts/snips}]
            parameters: {calibration: calibration.safetensors, blocksize: 8}
            """
        )
        let path = scratch.path("calibration.safetensors")
        #expect(
            recipe.parameters == ["calibration": .scalar(.text(path)), "blocksize": .scalar(8)]
        )
        let excluded = try scratch.recipe(
            "{merge_method: tsv_m, models: [{model: experts/snips}]}",
            "parameters={exclude_keys: a.weight, alpha: [0.8, 1.2]}"
        )
        #expect(
            excluded.parameters == [
                "exclude_keys": .list(["a.weight"]), "alpha": .list([0.8, 1.2]),
            ]
        )
    }

    // MARK: Learning

    @Test func `every key of learning is read`() throws {
        let recipe = try scratch.recipe(
            example,
            """
            parameters={granularity: layer, initial: runs/one, steps: 20, batch_size: 4, \
            objective: agreement, learning_rate: 0.01, bounds: clamp, keep: last, optimizer: sgd, \
            momentum: 0.9, weight_decay: 0.1, warmup: 0.1, decay: cosine, gradient_clip: 2, \
            select_every: 5, select_examples: 32, density: 0.3, diversity: 0.5, features: 2, \
            pull_to_initial: 3, pull_together: 4}
            """,
            "merge_method=adamerging++"
        )
        var expected = LearningParameters(taskVectors: elected(0.3))
        expected.granularity = .layer
        expected.initial = .run(scratch.path("runs/one"))
        (expected.steps, expected.batchSize) = (20, 4)
        (expected.objective.kind, expected.objective.diversity) = (.agreement, 0.5)
        expected.objective.features = 2
        (expected.pulls.toInitial, expected.pulls.together) = (3, 4)
        expected.optimizer = OptimizerParameters(.sgd, learningRate: 0.01, weightDecay: 0.1)
        expected.optimizer.momentum = 0.9
        expected.schedule = .init(warmup: .share(0.1), decay: .cosine, gradientClip: 2)
        (expected.bounds, expected.keep) = (.clamp, .last)
        (expected.selectEvery, expected.selectExamples) = (5, 32)
        #expect(recipe.learning == expected)
        #expect(expected.schedule.warmup.count(of: 25) == 3)
    }

    @Test func `AdaMerging++ keeps a fifth, AdamW decays`() throws {
        let overrides =
            "parameters={optimizer: adamw, beta1: 0.8, beta2: 0.9, epsilon: 1e-6, warmup: 7}"
        let recipe = try scratch.recipe(example, "merge_method=adamerging++", overrides)
        let learning = try #require(recipe.learning)
        #expect(learning.taskVectors == elected(0.2))
        var optimizer = OptimizerParameters(.adamw, learningRate: 1e-3, weightDecay: 0.01)
        (optimizer.beta1, optimizer.beta2, optimizer.epsilon) = (0.8, 0.9, 1e-6)
        #expect(learning.optimizer == optimizer)
        #expect(learning.schedule == ScheduleParameters(warmup: .steps(7)))
    }
}
