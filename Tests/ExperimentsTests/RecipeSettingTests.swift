import Testing

@testable import Experiments

@Suite struct `Settings of a recipe` {
    private func setting(_ yaml: String) throws -> Setting {
        let document = try RecipeDocument("{s: \(yaml)}")
        let reading = RecipeReading(document, workingDirectory: nil)
        let setting = reading.root?["s"]?.setting()
        guard reading.problems.isEmpty, let setting else { throw reading.error }
        return setting
    }

    @Test(arguments: [
        ("0.5", 0.3, 0.5), ("[2]", 0.7, 2), ("[0, 1]", 0, 0), ("[0, 1]", 1, 1),
        ("[0, 1]", 0.25, 0.25),
        ("[0, 0.5, 0.3, 0.7, 1]", 0.6, 0.46), ("[0, 0.5, 0.3, 0.7, 1]", 1.0 / 39, 0.051282),
        ("[0, 0.5, 0.3, 0.7, 1]", 0.25, 0.5), ("[1, 0.7, 0.1]", 0.75, 0.4), ("[1, 2]", 5, 2),
        ("[1, 2]", -5, 1), ("[1, 2]", .nan, 1),
    ])
    func `lists of numbers are interpolated`(yaml: String, position: Double, value: Double) throws {
        let result = try setting(yaml).value(forTensor: "", at: position)?.number
        #expect(abs(try #require(result) - value) < 5e-7)
    }

    @Test func `interpolation is mergekit's, to the last digit`() throws {
        let list = [0.1, 0.9, 0.4]
        for layer in 0..<12 {
            let position = LayerPosition.position(ofLayer: layer, among: 12)
            let scaled = position * 2
            let lower = Int(scaled)
            let fraction = scaled - Double(lower)
            let expected = (1 - fraction) * list[lower] + fraction * list[min(2, lower + 1)]
            let setting = Setting.list(list.map(Setting.Scalar.number))
            #expect(setting.value(forTensor: "", at: position) == .number(expected))
        }
    }

    @Test(arguments: [(0, "a"), (0.49, "a"), (0.5, "b"), (0.99, "b"), (1, "c")])
    func `lists of other values hold until the next`(position: Double, value: String) throws {
        let texts = try setting("[a, b, c]").value(forTensor: "", at: position)
        #expect(texts == .text(value))
        let mixed = try setting("[1, true, c]").value(forTensor: "", at: position)
        #expect(mixed == ["a": 1, "b": true, "c": "c"][value])
    }

    @Test(arguments: [
        ("model.layers.1.mlp.up.weight", 0.5, 0.5), ("model.layers.1.mlp.up.weight", 1, 1),
        ("model.layers.0.self_attn.q_proj.weight", 0, 0.9),
        ("model.layers.0.self_attn.k_proj.weight", 0, 1), ("model.norm.weight", 0, 0.25),
        ("", 0, 0.25),
    ])
    func `the first filter that is part of the name decides`(
        name: String,
        position: Double,
        value: Double
    ) throws {
        let setting = try setting(
            """
            [{filter: mlp, value: [0, 0.5, 1]}, {filter: self_attn.q_proj, value: 0.9}, \
            {filter: self_attn, value: [1, 0]}, {value: 0.25}]
            """
        )
        #expect(setting.value(forTensor: name, at: position) == .number(value))
    }

    @Test func `a filter may be a star, a lone map, or match nothing`() throws {
        let star = try setting("[{filter: \"*\", value: 0.5}, {value: 1}]")
        #expect(star.value(forTensor: "any", at: 0) == 0.5)
        let lone = try setting("{filter: mlp, value: [0, 1]}")
        #expect(lone.value(forTensor: "a.mlp.b", at: 0.5) == 0.5)
        #expect(lone.value(forTensor: "a.attn.b", at: 0.5) == nil)
        #expect(lone.value(forTensor: "", at: 0.5) == nil)
        #expect(try setting("[]").value(forTensor: "any", at: 0.5) == nil)
    }

    @Test(arguments: [
        ("{filter: a}", "recipe:1:5: the key `s.value` is missing."),
        (
            "{value: {value: 1}}",
            "recipe:1:13: `s.value` must be a value or a list of values, found a map."
        ),
        ("{value: .inf}", "recipe:1:13: `s.value` must be a finite number, found `.inf`."),
        ("[1, [2]]", "recipe:1:9: `s.1` must be a number, true, false or a text, found a list."),
        ("[1, ~]", "recipe:1:9: `s.1` must be a number, true, false or a text, found nothing."),
        (
            "[1, {value: 2}]",
            "recipe:1:9: `s.1` must be a number, true, false or a text, found a map."
        ),
        (
            "[{value: 2}, 1]",
            "recipe:1:18: `s.1` must be a map with `filter` and `value`, found `1`."
        ),
        (
            "{valeu: 1, value: 1}",
            "recipe:1:6: unknown key `s.valeu` (did you mean `value`?); the keys here are filter, value."
        ),
    ])
    func `what is no setting is refused`(yaml: String, sentence: String) {
        #expect {
            try setting(yaml)
        } throws: {
            String(describing: $0) == sentence
        }
    }
}

@Suite struct `Positions of layers` {
    @Test(arguments: [
        ("model.layers.3.mlp.up_proj.weight", 3), ("bert.encoder.layer.11.output.dense.bias", 11),
        ("h.0.attn.c_attn.weight", 0), ("transformer.h.7.ln_1.weight", 7),
        ("encoder.block.2.layer.1.DenseReluDense.wi.weight", 2), ("blocks.5.norm.weight", 5),
        ("visual.transformer.resblocks.9.attn.in_proj_weight", 9),
        ("layers.1.weight", 1), ("layer.0.a", 0),
    ])
    func `the number of a layer is read from the tensor's name`(name: String, layer: Int) {
        #expect(LayerPosition.layer(ofTensor: name) == layer)
    }

    @Test(arguments: [
        "model.embed_tokens.weight", "lm_head.weight", "model.norm.weight", "layers.1",
        "layers.x.w",
        "mylayers.1.w", "layers..w", "", "layers.-1.w", "layers.99999999999999999999.w",
        "classifier.0.weight",
        // Two spellings of a layer would be two tensors of one name; a layer too many is no number.
        "layers.01.w", "layers.1000000.w", "layers.+1.w",
    ])
    func `other tensors have none`(name: String) {
        #expect(LayerPosition.layer(ofTensor: name) == nil)
        #expect(LayerPosition.position(ofTensor: name, among: 4) == 0)
    }

    @Test(arguments: [
        (0, 5, 0), (1, 5, 0.25), (4, 5, 1), (0, 1, 1), (3, 1, 1), (9, 5, 1), (0, 0, 1),
        (1, 40, 1.0 / 39),
    ])
    func `layers lie between 0 and 1, a single one at 1`(layer: Int, count: Int, position: Double) {
        #expect(LayerPosition.position(ofLayer: layer, among: count) == position)
        let name = "model.layers.\(layer).w"
        #expect(LayerPosition.position(ofTensor: name, among: count) == position)
    }
}

@Suite struct `Scopes of options` {
    private let scopes = ParameterScopes(
        method: "ties",
        model: "expert",
        scopes: [
            ["a": .filtered([.init("mlp", .scalar(1))])], ["a": .scalar(2), "b": .scalar(3)],
            [
                "a": .scalar(4), "b": .scalar(5), "c": .scalar("x"), "d": .scalar(1),
                "e": .scalar(true),
            ],
        ]
    )

    @Test func `the nearest scope that says something decides`() throws {
        #expect(try scopes.number("a", tensor: "x.mlp") == 1)
        #expect(try scopes.number("a", tensor: "x.attn") == 2)
        #expect(try scopes.number("b") == 3)
        #expect(try scopes.number("b", default: 9) == 3)
        #expect(try scopes.number("z", default: 9) == 9)
        #expect(try scopes.text("c") == "x")
        #expect(try scopes.flag("d"))
        #expect(try scopes.flag("e"))
        #expect(scopes.value(of: "z") == nil)
        #expect(scopes.setting(of: "b") == .scalar(3))
    }

    @Test func `a missing option is named with its model and tensor`() {
        #expect {
            try scopes.number("weight", tensor: "x.mlp")
        } throws: {
            String(describing: $0)
                == """
                ties needs the option `weight` of expert for x.mlp, which is missing; set it in the \
                model's `parameters` or in the recipe's `parameters`.
                """
        }
        #expect {
            try ParameterScopes(method: "slerp", scopes: []).number("t")
        } throws: {
            String(describing: $0)
                == "slerp needs the option `t`, which is missing; set it in the recipe's `parameters`."
        }
    }

    @Test func `an option of another type is named with what was found`() {
        #expect {
            try scopes.number("c", tensor: "w")
        } throws: {
            String(describing: $0)
                == "ties needs the option `c` of expert for w to be a number, found `x`."
        }
        #expect(throws: OptionError.self) { try scopes.flag("b") }
        #expect(throws: OptionError.self) { try scopes.text("b") }
    }

    @Test func `a recipe looks in mergekit's order`() throws {
        let scratch = try Scratch("m/", "n/")
        let recipe = try scratch.recipe(
            """
            merge_method: linear
            modules:
              text:
                slices:
                  - sources:
                      - {model: m, layer_range: [0, 2], parameters: {weight: {filter: mlp, value: 1}}}
                      - {model: n, layer_range: [2, 4]}
                    parameters: {weight: {filter: attn, value: 2}}
                parameters: {weight: {filter: norm, value: 3}}
            parameters: {weight: 4}
            """
        )
        let module = recipe.modules[0]
        let slice = module.slices[0]
        func weight(_ index: Int, _ tensor: String) throws -> Double {
            let model = slice.sources[index].reference
            return try recipe.scopes(of: model, slice: slice, module: module)
                .number("weight", tensor: tensor)
        }
        #expect(try ["mlp", "attn", "norm", "head"].map { try weight(0, $0) } == [1, 2, 3, 4])
        #expect(try ["mlp", "attn", "norm", "head"].map { try weight(1, $0) } == [4, 2, 3, 4])
        #expect(try recipe.scopes().flag("normalize"))
    }

    @Test func `a model among several has its own options`() throws {
        let scratch = try Scratch("base/", "m/", "n/")
        let recipe = try scratch.recipe(
            """
            merge_method: ties
            base_model: base
            models: [{model: base}, {model: m, parameters: {weight: 0.3, density: 0.2}}, {model: n}]
            parameters: {weight: 0.7}
            """
        )
        let weights = try recipe.models.map {
            try recipe.scopes(of: $0.reference).number("weight")
        }
        #expect(weights == [0.7, 0.3, 0.7])
        let densities = try recipe.experts.map { try recipe.scopes(of: $0).number("density") }
        #expect(densities == [0.2, 1])
    }
}
