/// What a method is, for people: the source of `merganser methods` and of its checks.
public struct MethodCard: Sendable {
    /// What a method needs besides the experts.
    public enum Need: String, Sendable {
        /// The model that the experts were fine-tuned from.
        case base
        /// The same, where task vectors are to be merged instead of the models.
        case optionalBase = "base (optional)"
        /// Unlabeled inputs of each task.
        case unlabeledData = "unlabeled data"
        /// Gram matrices of each expert's inputs, or the inputs.
        case gram = "Gram matrices or data"
        /// Fisher information of each expert on its task, or the task's data.
        case fisher = "Fisher information or data"
    }

    /// What kind of method it is, by how it comes to its result.
    public enum Category: String, Sendable, CaseIterable {
        /// Between the models, or their mean.
        case averages = "averages and interpolation"
        /// Sums of what fine-tuning changed.
        case taskVectors = "task vectors"
        /// Sums of what is left of it where entries are dropped or have to agree.
        case sparsification = "sparsification and consensus"
        /// Of matrices, by their singular vectors.
        case lowRank = "low-rank"
        /// The minimum of an objective of the weights.
        case optimised
        /// By what models do with data.
        case statistics
        /// By descending along an objective of predictions.
        case learned
    }

    /// A property that a method has and its tests check.
    public enum Law: String, Sendable, CaseIterable {
        /// Copies of one model merge to that model.
        case copiesMergeToThemselves
        /// The order of the models makes no difference.
        case orderDoesNotMatter
        /// Zero weights give the base.
        case zeroWeightsGiveBase
    }

    /// The name in a recipe.
    public let name: String
    /// What kind of method it is.
    public let category: Category
    /// What it does, in one line.
    public let summary: String
    /// The equation, as plain text.
    public let equation: String
    /// Authors, year, title and arXiv id.
    public let source: String
    /// What it needs besides the experts.
    public let needs: [Need]
    /// How many models it merges, the base not counted.
    public let counts: ClosedRange<Int>
    /// The options of the merge and of its models.
    public let options: [MergeOption]
    /// Keys of mergekit's schema that are accepted and make no difference.
    public let accepted: [String]
    /// What it promises.
    public let laws: Set<Law>
    /// A recipe.
    public let example: String

    init(
        _ name: String,
        category: Category,
        summary: String,
        equation: String,
        source: String,
        needs: [Need],
        counts: ClosedRange<Int> = 1...Int.max,
        options: [MergeOption],
        accepted: [String] = [],
        laws: Set<Law>,
        example: String
    ) {
        (self.name, self.category) = (name, category)
        (self.summary, self.equation) = (summary, equation)
        (self.source, self.needs, self.options) = (source, needs, options)
        self.counts = counts
        (self.accepted, self.laws, self.example) = (accepted, laws, example)
    }
}

extension MethodCard {
    /// The models that people count along with those it merges: a base that is merged with one other.
    var uncounted: Int { needs.contains(.base) && counts == 1...1 ? 1 : 0 }

    /// How many models it merges, in words.
    var countWords: String {
        switch (counts.lowerBound, counts.upperBound) {
        case (1, 1): uncounted == 1 ? "two models, base_model and another" : "one model"
        case (let least, .max): "\(least) or more models"
        case (let least, let most): least == most ? "\(least) models" : "\(least) to \(most) models"
        }
    }
}
