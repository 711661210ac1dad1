internal import Autograd
public import FoundationEssentials
public import Tasks

/// How to fine-tune an expert: a base model, a labeled task and how to learn it.
public struct FinetuneRecipe: Equatable, Sendable {
    /// How long to learn.
    public enum Length: Equatable, Sendable {
        /// Passes over the data, whole or in part.
        case epochs(Double)
        /// Steps.
        case steps(Int)
    }

    /// The model to begin from.
    public var baseModel: ModelReference
    /// What to learn.
    public var task: FinetuneTask
    /// How long.
    public var length: Length
    /// How many examples a step sees.
    public var batchSize: Int
    /// How gradients become steps.
    public var optimizer: OptimizerParameters
    /// How the step size changes.
    public var schedule: ScheduleParameters
    /// The adapter to learn; `nil` to learn every parameter.
    public var lora: LowRankParameters?
    /// The type of the tensors that are written; `nil` for those of the base model.
    public var dtype: ElementType?
    /// What all randomness starts from.
    public var seed: UInt64
    /// The file it was read from.
    public var source: URL?

    /// Three epochs with the customary settings, unless changed.
    public init(
        baseModel: ModelReference,
        task: FinetuneTask,
        lora: LowRankParameters? = nil
    ) {
        self.baseModel = baseModel
        self.task = task
        self.lora = lora
        length = .epochs(3)
        batchSize = 16
        optimizer = OptimizerParameters(
            .adamw,
            learningRate: lora == nil ? 5e-5 : 1e-3,
            weightDecay: 0.01
        )
        schedule = ScheduleParameters(warmup: .share(0.1), decay: .linear, gradientClip: 1)
        seed = 0
    }
}

/// A labeled task to fine-tune on.
public struct FinetuneTask: Equatable, Sendable {
    /// What the task is called.
    public var name: String
    /// Its data, which says what the labels are.
    public var data: TaskData
    /// A head that stays as it is, where the model is not to learn its own.
    public var head: TaskHead
    /// The part of the data to learn from; `nil` for `train`, or all of it.
    public var train: SplitReference?
    /// The part that is scored; `nil` for `test`, or all of it.
    public var evaluate: SplitReference?

    /// A task on data.
    public init(
        _ name: String,
        data: TaskData,
        head: TaskHead = TaskHead(),
        train: SplitReference? = nil,
        evaluate: SplitReference? = nil
    ) {
        self.name = name
        self.data = data
        self.head = head
        self.train = train
        self.evaluate = evaluate
    }
}

/// A low-rank adapter (arXiv:2106.09685), named as PEFT names its settings.
public struct LowRankParameters: Equatable, Sendable {
    /// The weights that get an adapter.
    public enum Targets: Equatable, Sendable {
        /// Every linear weight but the head.
        case allLinear
        /// Those whose module's name is one of these, or ends in one after a dot.
        case modules([String])
    }

    /// The rank.
    public var rank = 8
    /// The scale of the update, times the rank.
    public var alpha = 16.0
    /// The weights that get an adapter.
    public var targets = Targets.allLinear
    /// The share of an adapter's inputs that learning leaves out.
    public var dropout = 0.0
    /// Ranks of single modules, by their names.
    public var rankPattern: [String: Int] = [:]
    /// Scales of single modules, by their names.
    public var alphaPattern: [String: Double] = [:]
    /// Modules that are learned in full and saved with the adapter, such as the head.
    public var modulesToSave: [String] = []

    /// Rank 8 on every linear weight.
    public init() {}
}
