/// The settings of a LoRA adapter, as PEFT keeps them in `adapter_config.json`.
public struct AdapterConfiguration: Sendable, Equatable {
    /// The rank of modules that no pattern names.
    public var rank = 8
    /// The numerator of the scale α/r of modules that no pattern names.
    public var alpha = 8.0
    /// Whether the scale is α/√r instead (rank-stabilised LoRA).
    public var isRankStabilized = false
    /// Regular expressions of module names and their ranks; the first that fits counts.
    public var rankPattern: [Setting<Int>] = []
    /// Regular expressions of module names and their α; the first that fits counts.
    public var alphaPattern: [Setting<Double>] = []
    /// Whether the base model's weights are stored [in, out], as GPT-2's are.
    public var isFanInFanOut = false
    /// The modules with low-rank updates; empty where the file has a pattern or a keyword.
    public var targetModules: [String] = []
    /// The modules that were trained in full: heads, mostly.
    public var modulesToSave: [String] = []
    /// Which biases were trained: `none`, `all` or `lora_only`.
    public var bias = "none"
    /// The base model's directory or id, as the adapter was trained.
    public var baseModel: String?
    /// PEFT's word for what the model does, such as `SEQ_CLS`.
    public var taskType: String?

    /// A value for the modules whose names fit a regular expression.
    public struct Setting<Value: Sendable & Equatable>: Sendable, Equatable {
        /// The regular expression; a plain name fits that module and those that end in it.
        public let pattern: String
        /// The value of the modules that fit.
        public let value: Value

        /// A value for a pattern.
        public init(_ pattern: String, _ value: Value) {
            self.pattern = pattern
            self.value = value
        }
    }

    /// The settings that PEFT has by default.
    public init() {}
}

extension AdapterConfiguration {
    /// The factor of an update: α/r, or α/√r if rank-stabilised.
    func scale(alpha: Double, rank: Int) -> Double {
        alpha / (isRankStabilized ? Double(rank).squareRoot() : Double(rank))
    }

    /// The α that gives an update of some rank this factor.
    func alpha(scale: Double, rank: Int) -> Double {
        scale * (isRankStabilized ? Double(rank).squareRoot() : Double(rank))
    }
}
