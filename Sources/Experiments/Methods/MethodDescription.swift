public import Merging

/// A merge method as people and programs read of it.
public struct MethodDescription: Sendable, Encodable, Equatable {
    /// One option of the method.
    public struct Option: Sendable, Encodable, Equatable {
        /// The key under `parameters`.
        public let name: String
        /// Whose it is: `merge`, `model` or `learning`.
        public let scope: String
        /// What holds where a recipe says nothing; `nil` where it must say something.
        public let fallback: String?
        /// What it does.
        public let summary: String

        enum CodingKeys: String, CodingKey {
            case name, scope, summary
            case fallback = "default"
        }
    }

    /// The name in a recipe.
    public let name: String
    /// What kind of method it is.
    public let category: String
    /// What it does, in one line.
    public let summary: String
    /// The equation, as plain text.
    public let equation: String
    /// Authors, year, title and arXiv id.
    public let source: String
    /// What it needs besides the experts.
    public let needs: [String]
    /// Its options.
    public let options: [Option]
    /// Keys of mergekit's schema that make no difference.
    public let accepted: [String]
    /// What it promises, in words.
    public let laws: [String]
    /// Whether it can prepare the task vectors of a method that learns.
    public let preparesTaskVectors: Bool
    /// A recipe.
    public let example: String

    enum CodingKeys: String, CodingKey {
        case name, category, summary, equation, source, needs, options, accepted, laws, example
        case preparesTaskVectors = "prepares_task_vectors"
    }

    /// Describes the method of a name.
    ///
    /// - Throws: `MergeError.unknownMethod` with the name that was probably meant.
    public init(named name: String) throws {
        guard let method = MergeMethods.all.first(where: { $0.card.name == name }) else {
            let known = MergeMethods.all.map(\.card.name)
            throw MergeError.unknownMethod(
                found: name,
                nearest: Spelling.nearest(to: name, among: known),
                known: known
            )
        }
        self.init(method)
    }

    /// Describes a method.
    public init(_ method: MergeMethod) {
        let card = method.card
        (name, summary, equation, source) = (card.name, card.summary, card.equation, card.source)
        category = card.category.rawValue
        needs = card.needs.map(\.rawValue)
        accepted = card.accepted
        laws = MethodCard.Law.allCases.filter(card.laws.contains).map(\.words)
        preparesTaskVectors = method.preparation != nil
        example = card.example
        let own = card.options.map(Option.init)
        guard case .learned = method.kind else {
            options = own
            return
        }
        options = own + Option.ofLearning
    }
}

extension MethodDescription.Option {
    fileprivate init(_ option: MergeOption) {
        name = option.name
        scope = option.scope == .model ? "model" : "merge"
        summary = option.summary
        fallback = option.fallback.map { value in
            if case .number(let number) = value {
                DocumentValue.numeral(number)
            } else {
                value.text
            }
        }
    }

    /// The options that all learned methods share, with their defaults.
    fileprivate static var ofLearning: [MethodDescription.Option] {
        LearningParameters().document.compactMap { key, value in
            var fallback: String?
            if case .scalar(let scalar) = value?.content {
                fallback = scalar.text
            } else if key != "start" {
                return nil
            }
            return MethodDescription.Option(
                name: key,
                scope: "learning",
                fallback: fallback,
                summary: summaries[key] ?? ""
            )
        }
    }

    private static let summaries = [
        "granularity": "what shares a coefficient: task, layer, module or tensor",
        "start": "a merge to learn around instead of the base, such as {method: regmean}",
        "initial": "the first coefficients: a number, the directory of an earlier run, or gram",
        "steps": "how many updates are made",
        "batch_size": "examples of each task in a step",
        "objective": "what is minimised: entropy, agreement or cross_entropy",
        "diversity": "the weight of the entropy of a batch's mean prediction, which is to be large",
        "features": "the weight of the distance of the classifier's inputs to the expert's",
        "pull_to_initial": "the weight of the squared distance to the initial coefficients",
        "pull_together":
            "the weight of the squared distance of a model's coefficients to their mean",
        "optimizer": "adam, adamw or sgd",
        "learning_rate": "the largest step size",
        "beta1": "how slowly Adam's mean of gradients changes",
        "beta2": "how slowly Adam's mean of squared gradients changes",
        "epsilon": "what Adam adds to the root of that mean",
        "weight_decay": "the weight decay",
        "warmup": "steps, or a share of them, over which the step size grows",
        "decay": "how the step size falls: none, linear or cosine",
        "gradient_clip": "the largest norm of a gradient",
        "bounds": "what keeps coefficients in [0, 1]: none, clamp or project",
        "keep": "the step that counts: best, or last as published",
        "select_every": "steps between two looks at the select splits",
        "select_examples": "the most examples of each task in such a look",
        "adapt_examples": "the most examples of each task that are adapted on, chosen by the seed",
    ]
}

extension MethodCard.Law {
    /// The law as a clause.
    fileprivate var words: String {
        switch self {
        case .copiesMergeToThemselves: "copies of one model merge to that model"
        case .orderDoesNotMatter: "the order of the models makes no difference"
        case .zeroWeightsGiveBase: "zero weights give the base"
        }
    }
}
