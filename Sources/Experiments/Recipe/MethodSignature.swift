/// What a merge method may find in a recipe, as far as reading one needs to know.
///
/// The reader of recipes knows no method: whoever does passes a signature for each.
public struct MethodSignature: Equatable, Sendable {
    /// The options it reads from `parameters`, by name.
    public var options: [String: MethodOption]
    /// The parameters that its learning starts from, or `nil` if it learns nothing.
    public var learning: LearningParameters?
    /// The options that matter to the task vectors it prepares; `nil` where it prepares none.
    public var vectorOptions: Set<String>?
    /// Whether it needs data, so that a recipe without `tasks` has one task for each model.
    public var needsTasks: Bool

    /// A method that reads these options.
    ///
    /// - Parameters:
    ///   - options: what it reads from `parameters`.
    ///   - learning: the defaults of its learning, where it learns.
    ///   - vectorOptions: what it reads of those to prepare task vectors, where it does.
    ///   - needsTasks: whether it needs data; a method that learns does.
    public init(
        options: [String: MethodOption] = [:],
        learning: LearningParameters? = nil,
        vectorOptions: Set<String>? = nil,
        needsTasks: Bool = false
    ) {
        self.options = options
        self.learning = learning
        self.vectorOptions = vectorOptions
        self.needsTasks = needsTasks || learning != nil
    }

    /// The method as one that prepares task vectors; `nil` where it is none.
    var ofVectors: MethodSignature? {
        vectorOptions.map { names in
            MethodSignature(options: options.filter { names.contains($0.key) })
        }
    }
}

/// An option of a merge method, as far as reading a recipe needs to know it.
public struct MethodOption: Equatable, Sendable {
    /// Whose option it is.
    public enum Scope: Sendable {
        /// Each model has its own; what is set for a slice or for all holds for its models.
        case model
        /// The merge has one, which cannot be set for a single model.
        case global
        /// The method asks for it once for the merge and once for each model.
        case both
    }

    /// What its values are.
    public enum Kind: Equatable, Sendable {
        /// Anything.
        case any
        /// Numbers.
        case number
        /// True or false; 0 and 1 are read as those.
        case flag
        /// One of some names, or any text where there are none.
        case text([String] = [])
        /// A list of texts, such as names of tensors; a single text is a list of one.
        case texts
        /// A file; relative paths become absolute.
        case file
    }

    /// Whose option it is.
    public var scope: Scope
    /// What its values are.
    public var kind: Kind
    /// What it is where a recipe does not say; `nil` if it must.
    public var standard: Setting?

    /// An option of each model, of any kind, without a default, unless told otherwise.
    public init(_ scope: Scope = .model, _ kind: Kind = .any, default standard: Setting? = nil) {
        self.scope = scope
        self.kind = kind
        self.standard = standard
    }
}
