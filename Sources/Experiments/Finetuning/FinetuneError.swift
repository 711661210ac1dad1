/// Why an expert cannot be fine-tuned.
public enum FinetuneError: Error, Equatable, Sendable {
    /// There is no classifier of the base model's family.
    case noClassifier(architecture: String)
    /// The base model lacks parameters that are not a head's.
    case missingParameters([String], base: String)
    /// Parameters of the base model have other shapes than its configuration says.
    case shapes([ShapeFault], base: String)
    /// The base model is given with an adapter.
    case adaptedBase(String)
    /// An adapter is to be learned of a base model without weights.
    case adapterWithoutWeights(String)
    /// The task has fewer than two classes.
    case tooFewClasses(Int, data: String)
    /// The recipe gives the task a head of its own.
    case fixedHead
    /// The adapter's dropout is not zero.
    case dropout(Double)
    /// The recipe asks for more steps than can be counted.
    case tooManySteps(Double)
    /// Names in the recipe fit no module of the model.
    case unknownModules(key: String, [String], known: [String])
    /// A tensor cannot be written in the base model's format.
    case format(String)

    /// A parameter of another shape than expected.
    public struct ShapeFault: Equatable, Sendable {
        /// The name in the base model.
        public let name: String
        /// What the configuration says.
        public let expected: [Int]
        /// What the file holds.
        public let found: [Int]
    }
}

extension FinetuneError: CustomStringConvertible {
    /// One sentence: what is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .noClassifier(let architecture):
            "\(architecture) has no classifier to fine-tune; choose an encoder such as BertModel."
        case .missingParameters(let names, let base):
            "\(base) lacks \(Self.listed(names)); check that its config.json belongs to its weights."
        case .shapes(let faults, let base):
            "\(base) holds parameters of other shapes than its config.json says: "
                + Self.listed(faults.map { "\($0.name) \($0.found), not \($0.expected)" })
                + "; check that both belong together."
        case .adaptedBase(let model):
            "`base_model` \(model) has an adapter; write the two as one model with `merganser merge` "
                + "and fine-tune that."
        case .adapterWithoutWeights(let base):
            "\(base) holds no weights to adapt; leave out lora to train it from scratch, or give a "
                + "base_model with model.safetensors."
        case .tooFewClasses(let count, let data):
            "\(data) has \(count) class\(count == 1 ? "" : "es"), and a classifier needs two; check "
                + "the labels of the data."
        case .fixedHead:
            "`task` has a `head`, `prompts` or `similarity`, but fine-tuning learns a head of its own; "
                + "remove these keys."
        case .dropout(let share):
            "`lora.dropout` is \(share), but fine-tuning applies no dropout, so that the same recipe "
                + "gives the same bytes; set it to 0."
        case .tooManySteps(let epochs):
            "`parameters.epochs` is \(epochs), which is more steps than can be counted; lower it."
        case .unknownModules(let key, let names, let known):
            "`\(key)`: \(Self.listed(names)) fit\(names.count == 1 ? "s" : "") no module of the model; "
                + "its linear modules are \(Self.listed(known))."
        case .format(let dtype):
            "The base model is stored as \(dtype), in which learned tensors cannot be written; set "
                + "`dtype` to float32, bfloat16 or float16."
        }
    }

    private static func listed(_ names: [String]) -> String {
        let shown = names.prefix(12).joined(separator: ", ")
        return names.count > 12 ? "\(shown) and \(names.count - 12) more" : shown
    }
}
