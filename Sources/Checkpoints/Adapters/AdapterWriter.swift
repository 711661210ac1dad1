public import FoundationEssentials
public import Tensors

extension Adapter {
    /// An update that is going to be written.
    public struct Update: Sendable {
        /// The name of the layer in the base model, without `.weight`.
        public let module: String
        /// [rank, in].
        public let a: Tensor
        /// [out, rank].
        public let b: Tensor
        /// The factor of B A.
        public let scale: Float

        /// An update of a layer, of matching matrices.
        public init(module: String, a: Tensor, b: Tensor, scale: Float) {
            precondition(
                a.shape.count == 2 && b.shape.count == 2 && a.shape[0] == b.shape[1],
                "A is [rank, in] and B [out, rank]"
            )
            self.module = module
            self.a = a
            self.b = b
            self.scale = scale
        }
    }

    /// Writes an adapter that PEFT loads.
    ///
    /// - Parameters:
    ///   - updates: The low-rank updates. Where ranks or scales differ from the settings, they are
    ///     written as patterns; the modules become the settings' target modules.
    ///   - replaced: Parameters of the modules to save, and biases, by their names in the base model.
    ///   - dtype: The format of all tensors.
    ///   - configuration: The settings.
    ///   - directory: Where the two files are written; it is made if it does not exist.
    /// - Throws: `CheckpointError`.
    public static func write(
        _ updates: [Update],
        replaced: [(name: String, tensor: Tensor)] = [],
        dtype: DType = .float32,
        configuration: AdapterConfiguration,
        to directory: URL
    ) throws {
        try createDirectory(directory)
        var tensors: [(name: String, content: SafeTensors.Content)] = []
        for update in updates {
            let prefix = "base_model.model.\(update.module)"
            tensors.append(("\(prefix).lora_A.weight", .rounded(update.a, dtype)))
            tensors.append(("\(prefix).lora_B.weight", .rounded(update.b, dtype)))
        }
        for (name, tensor) in replaced {
            tensors.append(("base_model.model.\(name)", .rounded(tensor, dtype)))
        }
        try SafeTensors.write(
            tensors,
            metadata: ["format": "pt"],
            to: directory.appending(path: "adapter_model.safetensors")
        )
        try AtomicFile.write(
            configuration.covering(updates).json.text() + "\n",
            to: directory.appending(path: "adapter_config.json")
        )
    }
}

extension AdapterConfiguration {
    /// The settings under which the updates have the ranks and scales that they have.
    fileprivate func covering(_ updates: [Adapter.Update]) -> AdapterConfiguration {
        var result = self
        result.targetModules = updates.map(\.module)
        let ranks = updates.map { Setting($0.module, $0.a.shape[0]) }
        let alphas = updates.map { update in
            let rank = update.a.shape[0]
            return Setting(update.module, alpha(scale: Double(update.scale), rank: rank))
        }
        // A pattern also fits longer names that end in it. If any module needs a pattern, all have
        // one, the longest first, and every module finds its own.
        let order = updates.indices.sorted { a, b in
            let (long, other) = (updates[a].module.utf8.count, updates[b].module.utf8.count)
            return (-long, a) < (-other, b)
        }
        let hasOneRank = ranks.allSatisfy { $0.value == rank }
        let hasOneScale = zip(updates, ranks).allSatisfy { update, rank in
            Float(scale(alpha: alpha, rank: rank.value)) == update.scale
        }
        result.rankPattern = hasOneRank ? [] : order.map { ranks[$0] }
        result.alphaPattern = hasOneScale ? [] : order.map { alphas[$0] }
        return result
    }

    /// The settings as PEFT writes them.
    fileprivate var json: JSONValue {
        func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
        func table<T>(_ settings: [Setting<T>], _ number: (T) -> Double) -> JSONValue {
            .object(
                settings.map { .init(key: $0.pattern, value: .number(number($0.value))) }
            )
        }
        let saved = JSONValue.array(modulesToSave.map { .string($0) })
        return .object([
            .init(key: "alpha_pattern", value: table(alphaPattern) { $0 }),
            .init(key: "base_model_name_or_path", value: text(baseModel)),
            .init(key: "bias", value: .string(bias)),
            .init(key: "fan_in_fan_out", value: .bool(isFanInFanOut)),
            .init(key: "inference_mode", value: .bool(true)),
            .init(key: "init_lora_weights", value: .bool(true)),
            .init(key: "lora_alpha", value: .number(alpha)),
            .init(key: "lora_dropout", value: .number(0)),
            .init(key: "modules_to_save", value: modulesToSave.isEmpty ? .null : saved),
            .init(key: "peft_type", value: .string("LORA")),
            .init(key: "r", value: .number(Double(rank))),
            .init(key: "rank_pattern", value: table(rankPattern) { Double($0) }),
            .init(key: "target_modules", value: .array(targetModules.map { .string($0) })),
            .init(key: "task_type", value: text(taskType)),
            .init(key: "use_rslora", value: .bool(isRankStabilized)),
        ])
    }
}
