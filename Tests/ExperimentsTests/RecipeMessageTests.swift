import FoundationEssentials
import Testing

@testable import Experiments

@Suite struct `What is wrong with a recipe` {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch("base/", "m/", "n/", "x/m/", "d/", "h.safetensors")
    }

    private func problems(_ text: String) -> [String] {
        do {
            _ = try scratch.recipe(text)
            return []
        } catch {
            return String(describing: error).split(separator: "\n")
                .map { String($0).replacing(scratch.url.path, with: "<A>") }
        }
    }

    @Test func `everything is reported together, in the order of the file`() {
        let text = """
            merge_metod: linear
            base_model: 3
            models:
              - modle: m
              - model: ../nowhere
                weight: 0.5
            parameters:
              weight: heavy
            dtype: float31
            seed: -1
            """
        #expect(
            problems(text) == [
                "recipe.yml:1:1: the key `merge_method` is missing.",
                "recipe.yml:1:1: unknown key `merge_metod` (did you mean `merge_method`?); the keys "
                    + "here are base_model, chat_template, dtype, int8_mask, merge_method, models, "
                    + "modules, name, out_dtype, parameters, seed, slices, tasks, tokenizer, "
                    + "tokenizer_source.",
                "recipe.yml:4:5: the key `models.0.model` is missing.",
                "recipe.yml:4:5: unknown key `models.0.modle` (did you mean `model`?); the keys here "
                    + "are model, parameters, statistics.",
                "recipe.yml:5:12: `models.1.model`: ../nowhere was not found in <A>.",
                "recipe.yml:6:5: unknown key `models.1.weight`; the keys here are model, parameters, "
                    + "statistics.",
                "recipe.yml:9:8: unknown value `float31` in `dtype` (did you mean `float32`?); known "
                    + "are float32, bfloat16, float16, float64.",
                "recipe.yml:10:7: `seed` must be a whole number of at least 0 and below 2 to the "
                    + "power of 64, found `-1`.",
            ]
        )
    }

    /// What follows `merge_method: ties` and one model, and the sentence it earns.
    private static let tails: [(tail: String, sentence: String)] = [
        (
            "normalize: true",
            "3:1: `normalize` does not belong here; move it under `parameters`."
        ),
        (
            "parameters: {dtype: float32}",
            "3:14: `dtype` does not belong under `parameters`; move it to the top level of the recipe."
        ),
        (
            "parameters: {wieght: 1}",
            "3:14: unknown key `parameters.wieght` (did you mean `weight`?); the keys here are "
                + "density, int8_mask, lambda, merge_func, normalize, rescale, rescale_mode, "
                + "trim_density, trim_scope, weight."
        ),
        (
            "parameters: {weight: heavy}",
            "3:22: `parameters.weight` must be a number, found `heavy`."
        ),
        (
            "parameters: {weight: \"0.5\"}",
            "3:22: `parameters.weight` must be a number, found the text \"0.5\" (in quotes)."
        ),
        (
            "parameters: {weight: [1, x]}",
            "3:22: `parameters.weight` must be a number, or numbers, found `x`."
        ),
        (
            "parameters: {normalize: 2}",
            "3:25: `parameters.normalize` must be true or false, found `2`."
        ),
        ("parameters: [1]", "3:13: `parameters` must be a map, found a list."),
        (
            "slices: [{sources: [{model: m, layer_range: [0, 2]}]}]",
            "1:1: exactly one of `models`, `slices`, `modules` must be given, found both `models` "
                + "and `slices`."
        ),
        (
            "tokenizer_source: union\ntokenizer: {source: base}",
            "4:12: `tokenizer` only acts without `tokenizer_source`; remove it."
        ),
        (
            "tokenizer: {source: base, token: {}}",
            "3:27: unknown key `tokenizer.token` (did you mean `tokens`?); the keys here are "
                + "pad_to_multiple_of, source, tokens."
        ),
        (
            "tokenizer: {tokens: {a: {source: {kind: zeros}}}}",
            "3:41: unknown value `zeros` in `tokenizer.tokens.a.source.kind` (did you mean `zero`?); "
                + "known are model_token, zero."
        ),
        (
            "chat_template: lama3",
            "3:16: unknown chat template `lama3` in `chat_template` (did you mean `llama3`?); known "
                + "are auto, alpaca, chatml, exaone, llama3, mistral."
        ),
        ("tasks: []", "3:8: `tasks` is empty; it must hold tasks, or be left out."),
        ("tasks: {a: 1}", "3:8: `tasks` must be a list of tasks, found a map."),
        (
            "tasks: [{}, {}]",
            "3:13: `tasks.1` has no model at its position among 1; name its `model`."
        ),
        (
            "tasks: [{model: m}, {model: x/m}]",
            "3:21: two tasks are called `m`; give one of them another `name`."
        ),
        (
            "tasks: [{adapt: \"train[5]\"}]",
            "3:17: `tasks.0.adapt` must be a split, `name` or `name[from:to]` with numbers or "
                + "percentages, found `train[5]`."
        ),
        (
            "tasks: [{data: nowhere}]",
            "3:16: `tasks.0.data`: nowhere was not found in <A>."
        ),
        (
            "tasks: [{data: {path: d, max_length: 0}}]",
            "3:38: `tasks.0.data.max_length` must be a whole number of at least 1, found `0`."
        ),
        (
            "tasks: [{weight: -1}]",
            "3:18: `tasks.0.weight` must be a number of at least 0, found `-1`."
        ),
        (
            "tasks: [{similarity: cosin}]",
            "3:22: unknown value `cosin` in `tasks.0.similarity` (did you mean `cosine`?); known are "
                + "dot, cosine."
        ),
        (
            "tasks: [{head: h.safetensors, prompts: \"a {}\"}]",
            "3:40: `tasks.0.prompts` only acts without `head`; remove it."
        ),
        (
            "tasks: [{prompts: [cat, \"a {}\"]}]",
            "3:19: `tasks.0.prompts` mixes templates, which contain {}, with texts of classes; give "
                + "them apart as `templates` and `classes`."
        ),
    ]

    @Test(arguments: tails.indices)
    func `each mistake has its sentence`(index: Int) {
        let (tail, sentence) = Self.tails[index]
        let text = "merge_method: ties\nmodels: [{model: m}]\n\(tail)"
        #expect(problems(text) == ["recipe.yml:\(sentence)"])
    }

    /// What follows `merge_method: passthrough`, and the sentence it earns.
    private static let layouts: [(tail: String, sentence: String)] = [
        (
            "dtype: float32",
            "1:1: exactly one of `models`, `slices`, `modules` must be given, found none."
        ),
        ("models: []", "2:9: `models` is empty; it must hold models, or be left out."),
        ("modules: {}", "2:10: `modules` is empty; it must hold modules, or be left out."),
        ("models: m", "2:9: `models` must be a list of models, found `m`."),
        ("models: [m]", "2:10: `models.0` must be a map with `model`, found `m`."),
        (
            "models: [{model: m, parameters: {scal: 1}}]",
            "2:34: unknown key `models.0.parameters.scal` (did you mean `scale`?); the keys here are "
                + "int8_mask, scale."
        ),
        (
            "models: [{model: m, scale: 1}]",
            "2:21: `models.0.scale` does not belong here; move it under `models.0.parameters`."
        ),
        (
            "slices: [{sources: [{model: m, layer_range: [2, 1]}]}]",
            "2:45: `slices.0.sources.0.layer_range` must be two layers, as in [0, 12]: the first, "
                + "and the one after the last, found a list."
        ),
        (
            "slices: [{sources: [{model: m}]}]",
            "2:21: the key `slices.0.sources.0.layer_range` is missing."
        ),
        ("slices: [{}]", "2:10: the key `slices.0.sources` is missing."),
        (
            "slices: [{sources: [{model: m, layer_range: [0, 2]}, {model: n, layer_range: [0, 3]}]}]",
            "2:10: the sources of one slice must have the same number of layers, those of `slices.0` "
                + "differ: 2, 3."
        ),
        (
            "modules: {a: {parameters: {}}}",
            "2:14: exactly one of `models` and `slices` must be given, found none."
        ),
    ]

    @Test(arguments: layouts.indices)
    func `each mistake of a layout has its sentence`(index: Int) {
        let (tail, sentence) = Self.layouts[index]
        #expect(problems("merge_method: passthrough\n\(tail)") == ["recipe.yml:\(sentence)"])
    }

    /// `parameters` of AdaMerging, and the sentence they earn.
    private static let learning: [(parameters: String, sentence: String)] = [
        (
            "granularity: layers",
            "unknown value `layers` in `parameters.granularity` (did you mean `layer`?); known are "
                + "task, layer, module, tensor."
        ),
        (
            "initial: [1]",
            "`parameters.initial` must be a number, the directory of an earlier run, or gram, found a list."
        ),
        ("initial: nowhere", "`parameters.initial`: nowhere was not found in <A>."),
        ("initial: .nan", "`parameters.initial` must be a number, found `.nan`."),
        ("steps: -1", "`parameters.steps` must be a whole number of at least 0, found `-1`."),
        ("steps: 1.5", "`parameters.steps` must be a whole number of at least 0, found `1.5`."),
        (
            "steps: \"5\"",
            "`parameters.steps` must be a whole number of at least 0, found the text \"5\" (in quotes)."
        ),
        (
            "batch_size: 0",
            "`parameters.batch_size` must be a whole number of at least 1, found `0`."
        ),
        (
            "objective: entropi",
            "unknown value `entropi` in `parameters.objective` (did you mean `entropy`?); known are "
                + "entropy, agreement, cross_entropy."
        ),
        ("learning_rate: 0", "`parameters.learning_rate` must be a number above 0, found `0`."),
        ("bounds: 3", "unknown value `3` in `parameters.bounds`; known are none, clamp, project."),
        ("keep: [best]", "`parameters.keep` must be one of best, last, found a list."),
        (
            "optimizer: adm",
            "unknown value `adm` in `parameters.optimizer` (did you mean `adam`?); known are adam, adamw, sgd."
        ),
        ("beta1: 1", "`parameters.beta1` must be a number of at least 0 and below 1, found `1`."),
        ("epsilon: 0", "`parameters.epsilon` must be a number above 0, found `0`."),
        (
            "weight_decay: -1",
            "`parameters.weight_decay` must be a number of at least 0, found `-1`."
        ),
        ("momentum: 0.9", "`parameters.momentum` only acts with `optimizer` `sgd`; remove it."),
        (
            "beta2: 0.9, optimizer: sgd",
            "`parameters.beta2` only acts with `optimizer` `adam` or `adamw`; remove it."
        ),
        (
            "warmup: 1.5",
            "`parameters.warmup` must be a whole number of steps, or a share of them below 1, found `1.5`."
        ),
        ("warmup: 600", "`parameters.warmup` is 600 steps long, of 500 steps in all; shorten it."),
        (
            "decay: yes",
            "unknown value `yes` in `parameters.decay`; known are none, linear, cosine."
        ),
        (
            "gradient_clip: 0",
            "`parameters.gradient_clip` must be a number above 0, or none, found `0`."
        ),
        (
            "select_every: 0",
            "`parameters.select_every` must be a whole number of at least 1, found `0`."
        ),
        (
            "select_examples: 0",
            "`parameters.select_examples` must be a whole number of at least 1, found `0`."
        ),
        (
            "density: 0.5",
            "unknown key `parameters.density`; the keys here are adapt_examples, batch_size, "
                + "beta1, beta2, bounds, decay, diversity, epsilon, features, gradient_clip, "
                + "granularity, initial, int8_mask, keep, learning_rate, momentum, "
                + "objective, optimizer, pull_to_initial, pull_together, select_every, "
                + "select_examples, start, steps, task_vectors, warmup, weight_decay."
        ),
    ]

    @Test(arguments: learning.indices)
    func `each mistake of learning has its sentence`(index: Int) {
        let (parameters, sentence) = Self.learning[index]
        let text = """
            {merge_method: adamerging, models: [{model: m}], tasks: [{data: d}],
            parameters: {\(parameters)}}
            """
        let found = problems(text).map {
            $0.split(separator: ": ", maxSplits: 1).last.map(String.init)
        }
        #expect(found == [sentence])
    }

    @Test func `a density must keep something`() {
        let text = """
            {merge_method: adamerging++, models: [{model: m}], tasks: [{data: d}],
            parameters: {density: 0}}
            """
        let sentence = "`parameters.density` must be a number above 0 and at most 1, found `0`."
        #expect(problems(text) == ["recipe.yml:2:23: \(sentence)"])
    }

    @Test func `every task without data is named`() {
        let text = "{merge_method: adamerging, base_model: base, models: [{model: m}, {model: n}]}"
        #expect(
            problems(text)
                == ["m", "n"].map {
                    "recipe.yml:1:1: the task `\($0)` has no data; give its `data` under `tasks`, or its "
                        + "model's `statistics`."
                }
        )
    }

    @Test func `data that is nowhere is not also missing`() {
        let text = "{merge_method: adamerging, models: [{model: m}], tasks: [{data: nowhere}]}"
        #expect(
            problems(text) == ["recipe.yml:1:65: `tasks.0.data`: nowhere was not found in <A>."]
        )
    }

    @Test func `keys of learning do not stand at the top`() {
        let text = "{merge_method: adamerging, models: [{model: m}], tasks: [{data: d}], steps: 5}"
        #expect(
            problems(text)
                == ["recipe.yml:1:70: `steps` does not belong here; move it under `parameters`."]
        )
    }

    @Test func `an option of the whole merge does not belong to a model`() {
        let text = "{merge_method: ties, models: [{model: m, parameters: {lambda: 1}}]}"
        #expect(
            problems(text) == [
                "recipe.yml:1:63: `models.0.parameters.lambda` is an option of the whole merge; move "
                    + "`lambda` to the recipe's `parameters`."
            ]
        )
    }

    @Test func `a problem knows its place`() throws {
        let document = try scratch.document("merge_method: linear\nmodels:\n- {model: m}\nx: 1")
        let error = try #require(throws: RecipeError.self) {
            try Recipe(document, methods: testMethods)
        }
        #expect(error.problems.count == 1)
        #expect(error.problems[0].line == 4)
        #expect(error.problems[0].column == 1)
    }

    @Test(arguments: [
        ("merge_metod", "merge_method"), ("Merge-Method", "merge_method"), ("weigth", "weight"),
        ("batch", "batch_size"), ("epoch", "epochs"), ("lr", nil), ("zzzzzz", nil), ("", nil),
        ("modles", "models"), ("dtyp", "dtype"), ("rate", "learning_rate"),
    ])
    func `the nearest name is suggested`(word: String, nearest: String?) {
        let known = [
            "merge_method", "weight", "batch_size", "epochs", "models", "dtype", "learning_rate",
            "modules",
        ]
        #expect(Spelling.nearest(to: word, among: known) == nearest)
    }
}
