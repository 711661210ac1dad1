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
    /// The part of the data whose inputs drive the learning; see ``resolvingSplits(among:)``.
    public var adapt: SplitReference?
    /// The part that picks the best step; see ``resolvingSplits(among:)``.
    public var select: SplitReference?
    /// The part that is scored; see ``resolvingSplits(among:)``.
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

    /// Data whose format and fields are told from the path, unless told otherwise.
    public init(
        _ path: String,
        format: String? = nil,
        text: String? = nil,
        textPair: String? = nil,
        label: String? = nil,
        maxLength: Int? = nil
    ) {
        self.path = path
        self.format = format
        self.text = text
        self.textPair = textPair
        self.label = label
        self.maxLength = maxLength
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

// MARK: Splits

extension RecipeTask {
    /// The task with every split written out, given the splits that its data has.
    ///
    /// Learning adapts on `train` and selects on the same; `test` is scored; where the data has no
    /// such split, `all` of it is taken. A split that is named must be there.
    public func resolvingSplits(among names: [String]) throws(TaskSplitError) -> RecipeTask {
        var task = self
        func standard(_ name: String) -> SplitReference {
            SplitReference(name: names.contains(name) ? name : "all")
        }
        let adapt = adapt ?? standard("train")
        task.adapt = adapt
        task.select = select ?? adapt
        task.evaluate = evaluate ?? standard("test")
        for split in [self.adapt, select, evaluate].compactMap(\.self)
        where split.name != "all" && !names.contains(split.name) {
            throw TaskSplitError(task: name, split: split.name, available: names)
        }
        return task
    }
}

/// A split that a task names and its data does not have.
public struct TaskSplitError: Error, Equatable, Sendable {
    /// The task's name.
    public let task: String
    /// The split it names.
    public let split: String
    /// The splits its data has.
    public let available: [String]
}

extension TaskSplitError: CustomStringConvertible {
    /// A sentence that names the task, the split and what there is.
    public var description: String {
        let nearest = Spelling.nearest(to: split, among: available)
        return "the data of the task `\(task)` has no split `\(split)`"
            + (nearest.map { " (did you mean `\($0)`?)" } ?? "")
            + "; it has \((available.filter { $0 != "all" } + ["all"]).joined(separator: ", "))."
    }
}
