import Foundation
import Tensors
import Testing

@testable import Checkpoints

@Suite struct AdapterTests {
    private let directory: TemporaryDirectory
    init() throws { directory = try TemporaryDirectory() }

    /// Writes an adapter of tensors by their full names, filled with zeros.
    private func adapter(_ configuration: String, _ tensors: [(String, [Int])]) throws -> Adapter {
        try directory.write(configuration, "adapter_config.json")
        try SafeTensors.write(
            tensors.map { ($0.0, .floats(.zeros($0.1))) },
            to: directory.url.appending(path: "adapter_model.safetensors")
        )
        return try Adapter(at: directory.url)
    }

    private let prefix = "base_model.model.model.layers.0.self_attn.q_proj"

    @Test func `updates and replaced parameters are found by the base model's names`() throws {
        let adapter = try adapter(
            #"{"peft_type": "LORA", "r": 2, "lora_alpha": 16, "target_modules": ["q_proj"], "#
                + #""modules_to_save": ["classifier"], "bias": "all", "task_type": "SEQ_CLS", "#
                + #""base_model_name_or_path": "owner/base", "rank_pattern": null, "x": {"y": 1}}"#,
            [
                ("\(prefix).lora_A.weight", [2, 6]), ("\(prefix).lora_B.weight", [4, 2]),
                ("base_model.model.h.0.c_attn.lora_A.default.weight", [2, 3]),
                ("base_model.model.h.0.c_attn.lora_B.default.weight", [5, 2]),
                ("base_model.model.wte.lora_embedding_A", [2, 9]),
                ("base_model.model.wte.lora_embedding_B", [3, 2]),
                ("base_model.model.classifier.weight", [3, 4]),
                ("base_model.model.head.modules_to_save.default.dense.bias", [4]),
                ("base_model.model.head.modules_to_save.dense.weight", [4, 4]),
                ("base_model.model.head.original_module.dense.weight", [4, 4]),
                ("base_model.model.x.q_proj.base_layer.bias", [4]),
            ]
        )
        let query = try #require(adapter.lowRank["model.layers.0.self_attn.q_proj.weight"])
        #expect(query.scale == 8)
        #expect(query.weightShape == [4, 6] && !query.isTransposed && query.rank == 2)
        let embedding = try #require(adapter.lowRank["wte.weight"])
        #expect(embedding.weightShape == [9, 3] && embedding.isTransposed)
        #expect(adapter.lowRank["h.0.c_attn.weight"]?.weightShape == [5, 3])
        #expect(adapter.updatedNames.count == 3)
        #expect(
            adapter.replaced.keys.sorted() == [
                "classifier.weight", "head.dense.bias", "head.dense.weight", "x.q_proj.bias",
            ]
        )
        #expect(adapter.configuration.baseModel == "owner/base")
        #expect(adapter.configuration.taskType == "SEQ_CLS")
        #expect(adapter.configuration.modulesToSave == ["classifier"])
    }

    @Test(
        arguments: [
            (#"{"r": 4, "lora_alpha": 8}"#, 2),
            (#"{"r": 4, "lora_alpha": 8, "use_rslora": true}"#, 4),
            (#"{"r": 4, "lora_alpha": 8, "alpha_pattern": {"q_proj": 12}}"#, 3),
            (#"{"r": 4, "lora_alpha": 8, "alpha_pattern": {"proj": 12}}"#, 2),
            (
                #"{"r": 4, "lora_alpha": 8, "alpha_pattern": {"self_attn.q_proj": 1, "q_proj": 2}}"#,
                0.25
            ),
            (#"{"r": 9, "lora_alpha": 8, "rank_pattern": {".*q_proj": 4}}"#, 2),
            (#"{"r": 9, "lora_alpha": 8, "rank_pattern": {"model\\.layers\\.\\d+\\..*": 4}}"#, 2),
            (#"{"r": 9, "lora_alpha": 8, "rank_pattern": {"(q|k)_proj": 4}}"#, 2),
            (#"{"r": 9, "lora_alpha": 8, "rank_pattern": {"k_proj": 3, "[qv]_proj$": 4}}"#, 2),
            (
                #"{"r": 9, "lora_alpha": 8, "rank_pattern": {"^model.layers.0.self_attn.q_proj": 4}}"#,
                2
            ),
            (#"{"r": 4, "lora_alpha": 8, "alpha_pattern": {"^self_attn.q_proj": 1}}"#, 2),
            (#"{"r": 4, "lora_alpha": 2.5}"#, 0.625),
        ] as [(String, Float)]
    )
    func `the scale follows PEFT's rules`(configuration: String, scale: Float) throws {
        let adapter = try adapter(
            configuration,
            [("\(prefix).lora_A.weight", [4, 6]), ("\(prefix).lora_B.weight", [8, 4])]
        )
        #expect(adapter.lowRank.values.map(\.scale) == [scale])
    }

    @Test(arguments: [
        #"{"peft_type": "IA3"}"#, #"{"use_dora": true}"#, #"{"lora_bias": true}"#,
        #"{"layer_replication": [[0, 4]]}"#, #"{"init_lora_weights": "pissa_niter_4"}"#,
        #"{"trainable_token_indices": [1]}"#, #"{"target_parameters": ["experts.w"]}"#,
    ])
    func `what is no plain update is refused`(configuration: String) throws {
        let said = message { _ = try adapter(configuration, []) }
        #expect(said.contains("needs what is not supported"))
        #expect(said.contains("merge the adapter into its base model with PEFT first"))
    }

    @Test func `everything that does not fit is said at once`() throws {
        let said = message {
            _ = try adapter(
                #"{"r": 2, "lora_alpha": 2, "alpha_pattern": {"q(": 1}}"#,
                [
                    ("base_model.model.a.lora_A.weight", [2, 3]),
                    ("base_model.model.b.lora_B.weight", [3, 2]),
                    ("base_model.model.c.lora_A.weight", [3, 2]),
                    ("base_model.model.c.lora_B.weight", [5, 2]),
                    ("base_model.model.d.lora_A.weight", [7, 2]),
                    ("base_model.model.d.lora_B.weight", [5, 7]),
                    ("base_model.model.e.lora_A.weight", [2, 2, 3, 3]),
                    ("base_model.model.e.lora_B.weight", [2, 2, 1, 1]),
                    ("base_model.model.f.lora_A.weight", [2, 2]),
                    ("base_model.model.f.lora_A.default.weight", [2, 2]),
                    ("base_model.model.f.lora_B.weight", [2, 2]),
                ]
            )
        }
        for part in [
            "“a” has no matrix B", "“b” has no matrix A", "A [3, 2] and B [5, 2] of “c” are not",
            "“d” has the rank 7 and is configured to have 2", "A [2, 2, 3, 3] and B",
            "“f” occurs under two names", "“q(” in “alpha_pattern” is not a regular expression",
        ] {
            #expect(said.contains(part), "\(part)\n\(said)")
        }
    }

    @Test(arguments: [
        ("[]", "has no tensors"), (#"{"r": 0}"#, "“r” is not a positive integer"),
        (#"{"r": 2.5}"#, "“r” is not a positive integer"),
        (
            #"{"lora_alpha": "x", "bias": 1, "use_rslora": 1, "target_modules": [1]}"#,
            "“lora_alpha” is not a number; “use_rslora” is not true or false"
        ),
        (#"{"rank_pattern": {"q": -1}}"#, "“rank_pattern” is not of positive ranks"),
        (#"{"r": 1"#, "the configuration of"),
    ])
    func `a configuration that is none is refused`(text: String, says: String) throws {
        let said = message { _ = try adapter(text, []) }
        #expect(said.contains(says), "\(said)")
    }

    @Test func `tensors of other kinds of adapters are refused`() throws {
        for name in ["q.lora_magnitude_vector", "q.lora_B.bias", "q.lora_A.x.y.weight"] {
            let said = message { _ = try adapter("{}", [("base_model.model.\(name)", [2])]) }
            #expect(said.contains("the tensor “base_model.model.\(name)”"), "\(said)")
        }
    }

    @Test func `an adapter without its file says what to do`() throws {
        try directory.write("{}", "adapter_config.json")
        #expect(message { _ = try Adapter(at: directory.url) }.contains("check the path"))
        try directory.write("", "adapter_model.bin")
        let said = message { _ = try Adapter(at: directory.url) }
        #expect(said.contains("“adapter_model.bin”, which is pickled"))
    }

    @Test(arguments: [false, true])
    func `an adapter that is written is read again`(isRankStabilized: Bool) throws {
        func numbers(_ shape: [Int]) -> Tensor {
            Tensor(shape, (0..<shape.reduce(1, *)).map { Float($0) })
        }
        var configuration = AdapterConfiguration()
        configuration.rank = 2
        configuration.alpha = 4
        configuration.isRankStabilized = isRankStabilized
        configuration.modulesToSave = ["score"]
        configuration.baseModel = "owner/base"
        configuration.taskType = "SEQ_CLS"
        let ordinary: Float = isRankStabilized ? Float(4 / 2.0.squareRoot()) : 2
        // The first name is the end of the second, whose rank is another.
        let updates = [
            Adapter.Update(module: "q", a: numbers([3, 5]), b: numbers([4, 3]), scale: 0.1),
            Adapter.Update(
                module: "x.q",
                a: numbers([2, 5]),
                b: numbers([4, 2]),
                scale: ordinary
            ),
        ]
        let url = directory.url.appending(path: "adapter")
        try Adapter.write(
            updates,
            replaced: [("score.weight", numbers([2, 3]))],
            configuration: configuration,
            to: url
        )
        let adapter = try Adapter(at: url)
        for update in updates {
            let read = try #require(adapter.lowRank[update.module + ".weight"])
            #expect(try read.a.tensor().elements == update.a.elements)
            #expect(try read.b.tensor().elements == update.b.elements)
            #expect(read.scale == update.scale)
        }
        #expect(try adapter.replaced["score.weight"]?.tensor().shape == [2, 3])
        #expect(adapter.configuration.targetModules == ["q", "x.q"])
        #expect(adapter.configuration.modulesToSave == ["score"])
        #expect(
            try Shard(url.appending(path: "adapter_model.safetensors")).metadata == ["format": "pt"]
        )

        // One rank and one scale need no patterns.
        try Adapter.write([updates[1]], configuration: configuration, to: url)
        #expect(try Adapter(at: url).configuration.rankPattern.isEmpty)
        #expect(try Adapter(at: url).configuration.alphaPattern.isEmpty)
    }

    @Test func `a weight that is stored transposed has its update transposed`() throws {
        let adapter = try adapter(
            #"{"r": 1, "fan_in_fan_out": true}"#,
            [("c.lora_A.weight", [1, 6]), ("c.lora_B.weight", [4, 1])]
        )
        #expect(adapter.lowRank["c.weight"]?.isTransposed == true)
        #expect(adapter.lowRank["c.weight"]?.weightShape == [6, 4])
    }
}
