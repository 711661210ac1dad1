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
    ) throws(OptionError) -> Double {
        try typed(option, tensor, position, fallback, "a number", \.number)
    }

    /// Whether something is to be done: as set, else `fallback`; 0 and 1 count as false and true.
    public func flag(
        _ option: String,
        tensor: String = "",
        at position: Double = 0,
        default fallback: Bool? = nil
    ) throws(OptionError) -> Bool {
        try typed(option, tensor, position, fallback, "true or false", \.truth)
    }

    /// A text: as set, else `fallback`.
    public func text(
        _ option: String,
        tensor: String = "",
        at position: Double = 0,
        default fallback: String? = nil
    ) throws(OptionError) -> String {
        try typed(option, tensor, position, fallback, "a text", \.text)
    }

    private func typed<Value>(
        _ option: String,
        _ tensor: String,
        _ position: Double,
        _ fallback: Value?,
        _ expected: String,
        _ convert: (Setting.Scalar) -> Value?
    ) throws(OptionError) -> Value {
        guard let scalar = value(of: option, tensor: tensor, at: position) else {
            if let fallback { return fallback }
            throw OptionError(.missing, option: option, tensor: tensor, scopes: self)
        }
        guard let value = convert(scalar) else {
            let reason = OptionError.Reason.mismatch(
                expected: expected,
                found: scalar.document.summary
            )
            throw OptionError(reason, option: option, tensor: tensor, scopes: self)
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
