public import Tasks

/// A task of a recipe: data, and the expert whose head answers it.
public struct RecipeTask: Equatable, Sendable {
    /// What the task is called.
    public var name: String
    /// The expert whose head answers it.
    public var model: ModelReference
    /// Its data, if it has any.
    public var data: TaskData?
    /// What stands in for the expert's head.
    public var head: TaskHead
    /// The part of the data whose inputs drive the learning; `nil` for `train`, or all of it.
    public var adapt: SplitReference?
    /// The part that picks the best step; `nil` for what drives the learning.
    public var select: SplitReference?
    /// The part that is scored; `nil` for `test`, or all of it.
    public var evaluate: SplitReference?
    /// The weight of the task in the total.
    public var weight: Double

    /// A task with the expert's own head and the splits of the data, unless told otherwise.
    public init(
        _ name: String,
        model: ModelReference,
        data: TaskData? = nil,
        head: TaskHead = TaskHead(),
        adapt: SplitReference? = nil,
        select: SplitReference? = nil,
        evaluate: SplitReference? = nil,
        weight: Double = 1
    ) {
        self.name = name
        self.model = model
        self.data = data
        self.head = head
        self.adapt = adapt
        self.select = select
        self.evaluate = evaluate
        self.weight = weight
    }
}

/// The data of a task.
public struct TaskData: Equatable, Sendable {
    /// The absolute path of a directory or file.
    public var path: String
    /// The format, where it is not to be told from the path.
    public var format: String?
    /// The field that holds the text.
    public var text: String?
    /// The field that holds the second text of a pair.
    public var textPair: String?
    /// The field that holds the label.
    public var label: String?
    /// How many tokens of a text are kept.
    public var maxLength: Int?
    /// Whether pictures that cannot be decoded are left out.
    public var skipBroken: Bool
    /// The probability with which each letter of a text is damaged on purpose.
    public var corruption: Double

    /// Data whose format and fields are told from the path, unless told otherwise.
    public init(
        _ path: String,
        format: String? = nil,
        text: String? = nil,
        textPair: String? = nil,
        label: String? = nil,
        maxLength: Int? = nil,
        skipBroken: Bool = false,
        corruption: Double = 0
    ) {
        self.path = path
        self.format = format
        self.text = text
        self.textPair = textPair
        self.label = label
        self.maxLength = maxLength
        self.skipBroken = skipBroken
        self.corruption = corruption
    }
}

/// What turns a model's features into the predictions of a task.
public struct TaskHead: Equatable, Sendable {
    /// How features are compared with the rows of a head.
    public enum Similarity: String, CaseIterable, Sendable {
        /// By their inner product, with a bias where there is one.
        case dot
        /// By 100 times their cosine, as zero-shot CLIP does.
        case cosine
    }

    /// Texts that CLIP's own text tower turns into a head.
    public struct Prompts: Equatable, Sendable {
        /// Texts in which {} stands for the name of a class.
        public var templates: [String]
        /// The names of the classes; empty for those of the data.
        public var classes: [String]

        /// Names in templates.
        public init(templates: [String] = ["{}"], classes: [String] = []) {
            self.templates = templates
            self.classes = classes
        }
    }

    /// The absolute path of a safetensors file that replaces the expert's head.
    public var file: String?
    /// How features are compared with its rows.
    public var similarity: Similarity
    /// The texts that make a head, where no file does.
    public var prompts: Prompts?

    /// The expert's own head, unless told otherwise.
    public init(
        file: String? = nil,
        similarity: Similarity = .dot,
        prompts: Prompts? = nil
    ) {
        self.file = file
        self.similarity = similarity
        self.prompts = prompts
    }
}
