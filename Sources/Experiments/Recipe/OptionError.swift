/// An option that a merge needs and a recipe does not give as it should.
public struct OptionError: Error, Equatable, Sendable {
    /// What is wrong with an option.
    public enum Reason: Equatable, Sendable {
        /// It has no default and is set nowhere.
        case missing
        /// It is of another type.
        case mismatch(expected: String, found: String)
    }

    /// What is wrong.
    public let reason: Reason
    /// The option's name.
    public let option: String
    /// The merge method.
    public let method: String
    /// The model, where the option is one of a model.
    public let model: String?
    /// The tensor it was wanted for; empty where it is wanted once for all.
    public let tensor: String

    init(_ reason: Reason, option: String, tensor: String, scopes: ParameterScopes) {
        self.reason = reason
        self.option = option
        self.tensor = tensor
        method = scopes.method
        model = scopes.model
    }
}

extension OptionError: CustomStringConvertible {
    /// A sentence that names the option, the model and the tensor.
    public var description: String {
        let subject = (model.map { " of \($0)" } ?? "") + (tensor.isEmpty ? "" : " for \(tensor)")
        switch reason {
        case .missing:
            let place = model == nil ? "" : "the model's `parameters` or in "
            return "\(method) needs the option `\(option)`\(subject), which is missing; "
                + "set it in \(place)the recipe's `parameters`."
        case .mismatch(let expected, let found):
            return
                "\(method) needs the option `\(option)`\(subject) to be \(expected), found \(found)."
        }
    }
}
