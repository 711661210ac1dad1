internal import FoundationEssentials

extension AdapterConfiguration {
    /// Reads `adapter_config.json` and reports together what is unsupported, or what is wrong.
    init(readingFrom url: URL) throws(CheckpointError) {
        let bytes = try contents(of: url, limit: 10_000_000)
        let json: JSONValue
        do throws(JSONFault) {
            json = try JSONValue(parsing: bytes)
        } catch {
            throw .malformed(file: url.path, part: "configuration", error)
        }
        let unsupported = Self.unsupportedFeatures(of: json)
        if !unsupported.isEmpty { throw .unsupportedAdapter(file: url.path, unsupported) }

        self.init()
        var settings = Settings(json: json)
        rank = settings.positiveInteger("r") ?? rank
        alpha = settings.number("lora_alpha") ?? alpha
        isRankStabilized = settings.bool("use_rslora") ?? false
        isFanInFanOut = settings.bool("fan_in_fan_out") ?? false
        rankPattern = settings.pattern("rank_pattern").compactMap { pattern, value in
            guard let rank = Int(exactly: value), rank > 0 else {
                settings.faults.append(.setting(key: "rank_pattern", expected: "of positive ranks"))
                return nil
            }
            return Setting(pattern, rank)
        }
        alphaPattern = settings.pattern("alpha_pattern").map { Setting($0.pattern, $0.value) }
        targetModules = settings.names("target_modules")
        modulesToSave = settings.names("modules_to_save")
        bias = settings.text("bias") ?? bias
        baseModel = settings.text("base_model_name_or_path")
        taskType = settings.text("task_type")
        if !settings.faults.isEmpty { throw .invalidAdapter(file: url.path, settings.faults) }
    }

    /// Whatever makes an adapter more than `W + scale · B A`.
    private static func unsupportedFeatures(of json: JSONValue) -> [String] {
        var features: [String] = []
        let kind = json["peft_type"] ?? .string("LORA")
        if kind != .string("LORA") { features.append("the adapter type \(kind.text())") }
        for (key, feature) in [
            ("use_dora", "DoRA"), ("lora_bias", "biases of B (lora_bias)"),
            ("use_qalora", "QALoRA"),
        ] where json[key] == .bool(true) {
            features.append(feature)
        }
        for (key, feature) in [
            ("layer_replication", "replicated layers"), ("target_parameters", "target_parameters"),
            ("trainable_token_indices", "trainable_token_indices"),
            ("alora_invocation_tokens", "activated LoRA"),
        ] {
            let value = json[key] ?? .null
            if value != .null, value != .array([]), value != .object([]) {
                features.append(feature)
            }
        }
        // These change the base model's own weights at the start of training.
        if case .string(let start) = json["init_lora_weights"] {
            let changing = ["pissa", "olora", "corda", "loftq"]
            if changing.contains(where: { start.hasPrefix($0) }) {
                features.append("the initialisation \(quoted(start))")
            }
        }
        return features
    }
}

/// The values of a configuration, noting those of a wrong type.
private struct Settings {
    let json: JSONValue
    var faults: [AdapterFault] = []

    mutating func bool(_ key: String) -> Bool? {
        read(key, "true or false") { if case .bool(let value) = $0 { value } else { nil } }
    }

    mutating func number(_ key: String) -> Double? {
        read(key, "a number") {
            if case .number(let value) = $0, value.isFinite { value } else { nil }
        }
    }

    mutating func positiveInteger(_ key: String) -> Int? {
        read(key, "a positive integer") {
            guard case .number(let value) = $0, let integer = Int(exactly: value) else {
                return nil
            }
            return integer > 0 ? integer : nil
        }
    }

    mutating func text(_ key: String) -> String? {
        read(key, "a string") { if case .string(let value) = $0 { value } else { nil } }
    }

    /// A list of names; a single string is a pattern or a keyword, whose modules the tensors show.
    mutating func names(_ key: String) -> [String] {
        let names: [String]? = read(key, "a list of names") {
            guard case .array(let elements) = $0 else {
                return if case .string = $0 { [] } else { nil }
            }
            let names = elements.compactMap { if case .string(let name) = $0 { name } else { nil } }
            return names.count == elements.count ? names : nil
        }
        return names ?? []
    }

    mutating func pattern(_ key: String) -> [(pattern: String, value: Double)] {
        let pairs: [(pattern: String, value: Double)]? = read(key, "a table of numbers") {
            guard case .object(let members) = $0 else { return nil }
            let pairs = members.compactMap { member -> (pattern: String, value: Double)? in
                guard case .number(let value) = member.value, value.isFinite else { return nil }
                return (member.key, value)
            }
            return pairs.count == members.count ? pairs : nil
        }
        return pairs ?? []
    }

    private mutating func read<T>(
        _ key: String,
        _ expected: String,
        _ convert: (JSONValue) -> T?
    ) -> T? {
        guard let value = json[key], value != .null else { return nil }
        let result = convert(value)
        if result == nil { faults.append(.setting(key: key, expected: expected)) }
        return result
    }
}
