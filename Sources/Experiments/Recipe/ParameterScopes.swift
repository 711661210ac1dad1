/// The options of a merge as one model sees them, from the nearest scope to the farthest.
///
/// The first scope that says something about a tensor decides; where none of a scope's filters
/// matches, the next scope does.
public struct ParameterScopes: Equatable, Sendable {
    /// The merge method, for messages.
    public let method: String
    /// The model, for messages; `nil` for what concerns the whole merge.
    public let model: String?
    /// Options by name: of the source or model, the slice, the module, the whole recipe.
    public let scopes: [[String: Setting]]

    /// Scopes, the nearest first.
    public init(method: String, model: String? = nil, scopes: [[String: Setting]]) {
        self.method = method
        self.model = model
        self.scopes = scopes
    }

    /// The value of an option for a tensor, or `nil` where no scope sets it.
    ///
    /// The position is where the tensor's layer stands; see ``LayerPosition``.
    public func value(
        of option: String,
        tensor: String = "",
        at position: Double = 0
    ) -> Setting.Scalar? {
        scopes.lazy
            .compactMap { $0[option]?.value(forTensor: tensor, at: position) }
            .first
    }

    /// The whole setting of an option, as methods need it that take lists.
    public func setting(of option: String) -> Setting? {
        scopes.lazy.compactMap { $0[option] }.first
    }
}

// MARK: Typed values

extension ParameterScopes {
    /// A number: as set, else `fallback`.
    public func number(
        _ option: String,
        tensor: String = "",
        at position: Double = 0,
        default fallback: Double? = nil
    ) throws(ParameterError) -> Double {
        try typed(option, tensor, position, fallback, "a number", \.number)
    }

    /// Whether something is to be done: as set, else `fallback`; 0 and 1 count as false and true.
    public func flag(
        _ option: String,
        tensor: String = "",
        at position: Double = 0,
        default fallback: Bool? = nil
    ) throws(ParameterError) -> Bool {
        try typed(option, tensor, position, fallback, "true or false", \.truth)
    }

    /// A text: as set, else `fallback`.
    public func text(
        _ option: String,
        tensor: String = "",
        at position: Double = 0,
        default fallback: String? = nil
    ) throws(ParameterError) -> String {
        try typed(option, tensor, position, fallback, "a text", \.text)
    }

    private func typed<Value>(
        _ option: String,
        _ tensor: String,
        _ position: Double,
        _ fallback: Value?,
        _ expected: String,
        _ convert: (Setting.Scalar) -> Value?
    ) throws(ParameterError) -> Value {
        guard let scalar = value(of: option, tensor: tensor, at: position) else {
            if let fallback { return fallback }
            throw ParameterError(.missing, option: option, tensor: tensor, scopes: self)
        }
        guard let value = convert(scalar) else {
            let reason = ParameterError.Reason.mismatch(
                expected: expected,
                found: scalar.document.summary
            )
            throw ParameterError(reason, option: option, tensor: tensor, scopes: self)
        }
        return value
    }
}

extension Setting.Scalar {
    /// Whether it is true, where 0 and 1 count as false and true.
    var truth: Bool? {
        switch self {
        case .boolean(let value): value
        case .number(0): false
        case .number(1): true
        default: nil
        }
    }
}

/// An option that a merge needs and a recipe does not give as it should.
public struct ParameterError: Error, Equatable, Sendable {
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

extension ParameterError: CustomStringConvertible {
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
