import Autograd
import Tasks
import Testing

@testable import Experiments

@Suite struct `Recipes of fine-tuning` {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch("base/", "data/trec/", "head.safetensors")
    }

    private func read(_ text: String, _ overrides: String...) throws -> FinetuneRecipe {
        var document = try scratch.document(text)
        for override in overrides { try document.root.apply(override) }
        return try FinetuneRecipe(document, workingDirectory: scratch.url)
    }

    private let least = "{base_model: base, task: {data: data/trec}}"

    @Test func `a base model and data are enough`() throws {
        let recipe = try read(least)
        #expect(recipe.baseModel == ModelReference(.init(.directory(scratch.path("base")))))
        #expect(recipe.task == FinetuneTask("trec", data: TaskData(scratch.path("data/trec"))))
        #expect(recipe.length == .epochs(3))
        #expect(recipe.batchSize == 16)
        #expect(
            recipe.optimizer == OptimizerParameters(.adamw, learningRate: 5e-5, weightDecay: 0.01)
        )
        #expect(
            recipe.schedule
                == ScheduleParameters(warmup: .share(0.1), decay: .linear, gradientClip: 1)
        )
        #expect(recipe.lora == nil && recipe.dtype == nil && recipe.seed == 0)
    }

    @Test func `an adapter learns faster`() throws {
        let recipe = try read(least, "lora={}")
        #expect(recipe.lora == LowRankParameters())
        #expect(recipe.optimizer.learningRate == 1e-3)
        #expect(
            try read(least, "lora={}", "parameters.learning_rate=2e-4").optimizer.learningRate
                == 2e-4
        )
    }

    @Test func `every key is read, written and read again`() throws {
        let recipe = try read(
            """
            base_model: base
            task:
              name: questions
              data: {path: data/trec, text: q}
              train: train[:90%]
              evaluate: train[90%:]
              head: head.safetensors
              similarity: cosine
            parameters:
              steps: 300
              batch_size: 8
              learning_rate: 1e-4
              optimizer: adam
              weight_decay: 0.1
              beta1: 0.8
              warmup: 30
              decay: cosine
              gradient_clip: none
            lora:
              rank: 4
              alpha: 8
              target_modules: [query, value]
              dropout: 0.1
              rank_pattern: {layer.0.query: 2}
              alpha_pattern: {layer.0.query: 3.5}
              modules_to_save: [classifier]
            dtype: bfloat16
            seed: 7
            """
        )
        #expect(recipe.length == .steps(300))
        #expect(recipe.schedule == ScheduleParameters(warmup: .steps(30), decay: .cosine))
        #expect(recipe.task.train == SplitReference(split: "train", slice: .init(to: .percent(90))))
        #expect(recipe.lora?.targets == .modules(["query", "value"]))
        #expect(recipe.lora?.rankPattern == ["layer.0.query": 2])
        #expect(recipe.lora?.alphaPattern == ["layer.0.query": 3.5])
        #expect(recipe.optimizer.beta1 == 0.8)
        #expect(recipe.dtype == .bfloat16)
        #expect(try read(recipe.resolvedYAML()) == recipe)
        let small = try read(least, "lora={target_modules: all-linear}")
        #expect(try read(small.resolvedYAML()) == small)
    }

    @Test func `differences are named`() throws {
        let differences = try read(least, "parameters.epochs=1").differences(from: read(least))
        #expect(differences.map(\.description) == ["`parameters.epochs` is 1 here and 3 there"])
    }

    @Test func `everything wrong is reported together`() throws {
        let text = """
            task: {data: data/trec, adapt: train, model: base}
            parameters: {epochs: 0, steps: 0, lora: {}}
            lora: {r: 8, target_modules: [], dropout: 1, rank_pattern: {a: 0}}
            rank: 8
            """
        #expect {
            try read(text)
        } throws: {
            String(describing: $0) == """
                recipe.yml:1:1: the key `base_model` is missing.
                recipe.yml:1:25: unknown key `task.adapt`; the keys here are data, evaluate, head, \
                name, prompts, similarity, train.
                recipe.yml:1:39: unknown key `task.model`; the keys here are data, evaluate, head, \
                name, prompts, similarity, train.
                recipe.yml:2:13: exactly one of `epochs` and `steps` must be given, found both \
                `epochs` and `steps`.
                recipe.yml:2:22: `parameters.epochs` must be a number above 0, found `0`.
                recipe.yml:2:32: `parameters.steps` must be a whole number of at least 1, found `0`.
                recipe.yml:2:35: `lora` does not belong under `parameters`; move it to the top level \
                of the recipe.
                recipe.yml:3:8: unknown key `lora.r`; the keys here are alpha, alpha_pattern, \
                dropout, modules_to_save, rank, rank_pattern, target_modules.
                recipe.yml:3:30: `lora.target_modules` is empty; it must hold names of modules, or be \
                left out.
                recipe.yml:3:43: `lora.dropout` must be a number of at least 0 and below 1, found `1`.
                recipe.yml:3:64: `lora.rank_pattern.a` must be a whole number of at least 1, found `0`.
                recipe.yml:4:1: unknown key `rank`; the keys here are base_model, dtype, lora, \
                parameters, seed, task.
                """
        }
    }
}
