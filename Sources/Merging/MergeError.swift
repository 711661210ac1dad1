public import Checkpoints

/// One way in which a model does not fit the others.
public enum Mismatch: Error, Equatable, Sendable, CustomStringConvertible {
    /// The model lacks a parameter that the base has.
    case missing(parameter: String, model: String)
    /// The parameter has another shape than the base's.
    case shape(parameter: String, model: String, expected: [Int], found: [Int])
    /// The adapter changes a module that the base does not have.
    case unknownModule(module: String, model: String)

    /// Whether a table by token has another number of tokens, and differs in nothing else.
    var isOfVocabulary: Bool {
        guard case .shape(let parameter, _, let expected, let found) = self,
            TokenTables.contains(parameter), expected.count == found.count, !found.isEmpty
        else { return false }
        return TokenTables.shape(found, withRows: TokenTables.rows(of: expected)) == expected
    }

    /// What is wrong, in one clause.
    public var description: String {
        switch self {
        case .missing(let parameter, let model): "\(model) lacks \(parameter)"
        case .shape(let parameter, let model, let expected, let found):
            "\(model): \(parameter) has shape \(found), the base's has \(expected)"
        case .unknownModule(let module, let model):
            "\(model) changes \(module), which the base does not have"
        }
    }
}

/// Why models cannot be merged.
public enum MergeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// There is nothing to merge.
    case noModels
    /// Models do not fit each other; every mismatch found.
    case mismatches([Mismatch])
    /// An adapter was to be merged without the base that it changes.
    case adapterWithoutBase
    /// A parameter holds NaN or infinity, which a merge would spread.
    case notFinite(parameter: String, model: String, position: Int)
    /// Finite models merge to something that the format of the result cannot hold.
    case overflow(parameter: String, position: Int, dtype: DType)
    /// A method that works on task vectors has no base.
    case missingBase(method: String)
    /// The method does not exist.
    case unknownMethod(found: String, nearest: String?, known: [String])
    /// The method takes another number of models.
    case modelCount(method: String, found: Int, expected: String)
    /// Coefficients were to be learned of the task vectors of a method that prepares none.
    case noTaskVectors(method: String)
    /// A learned method was asked for as a rule.
    case learnedMethod(String)
    /// Options are missing or not what they may be; every one found.
    case options(method: String, [OptionFault])
    /// Options do not go together.
    case option(method: String, name: String, found: String, expected: String)

    /// One sentence: what is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .noModels: return "The recipe names no models; list at least one under models."
        case .mismatches(let all):
            let shown = all.prefix(20).map { "\n  \($0)" }.joined()
            let rest = all.count > 20 ? "\n  … and \(all.count - 20) more" : ""
            let advice =
                all.contains(where: \.isOfVocabulary)
                ? ". Tables differ by their number of tokens; `tokenizer_source: base` gives the "
                    + "models the base's vocabulary, `tokenizer_source: union` all tokens of all"
                : ""
            return "The models do not match (mismatches: \(all.count)); merge models that were "
                + "fine-tuned from one base, and check that base_model is that base"
                + "\(advice):\(shown)\(rest)"
        case .adapterWithoutBase:
            return "An adapter can only be merged onto the model it was trained on; "
                + "name that as base_model."
        case .notFinite(let parameter, let model, let position):
            return "\(model): \(parameter) holds NaN or infinity (non-finite value) at element "
                + "\(position), which a merge would spread; repair or replace that checkpoint."
        case .overflow(let parameter, let position, let dtype):
            return "The merge of \(parameter) is too large for \(dtype) at element \(position); "
                + "choose another dtype, or smaller weights."
        case .missingBase(let method):
            return
                "\(method) needs base_model: the model that the others were fine-tuned from, or start "
                + "from."
        case .unknownMethod(let found, let nearest, let known):
            let hint = nearest.map { " Did you mean \($0)?" } ?? ""
            return "merge_method \(found) is unknown.\(hint) Known methods: "
                + known.joined(separator: ", ") + "."
        case .modelCount(let method, let found, let expected):
            return "\(method) merges \(expected), but the recipe lists \(found)."
        case .noTaskVectors(let method):
            let known = MergeMethods.all.filter { $0.preparation != nil }.map(\.card.name)
            return "\(method) prepares no task vectors to learn coefficients of; those that do are "
                + known.joined(separator: ", ") + "."
        case .learnedMethod(let method):
            return "\(method) learns its coefficients from data: use learn and export, or merge "
                + "with tasks in the recipe."
        case .options(let method, let faults):
            let all = faults.map(\.description).joined(separator: "; ")
            return "\(method) needs other options: \(all). Set them under parameters, of the model "
                + "or of the recipe."
        case .option(let method, let name, let found, let expected):
            return "\(method): \(name) is \(found), but must be \(expected)."
        }
    }
}
