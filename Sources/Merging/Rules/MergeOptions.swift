/// A value of a method's option.
public enum OptionValue: Sendable, Equatable {
    /// A number.
    case number(Double)
    /// Yes or no.
    case flag(Bool)
    /// A name.
    case text(String)
}

/// An option of a merge method.
public struct MergeOption: Sendable {
    /// Whether models may differ in it.
    public enum Scope: Sendable {
        /// One value for the merge.
        case merge
        /// A value for each model.
        case model
    }

    /// The key in a recipe.
    public let name: String
    /// Whether models may differ in it.
    public let scope: Scope
    /// What holds where the recipe says nothing; `nil` where it must say something.
    public let fallback: OptionValue?
    /// What it does, in a clause.
    public let summary: String

    init(_ name: String, _ scope: Scope, _ fallback: OptionValue?, _ summary: String) {
        (self.name, self.scope, self.fallback, self.summary) = (name, scope, fallback, summary)
    }
}

/// Where a method's options come from: a recipe, with its gradients and filters.
public protocol OptionSource: Sendable {
    /// The value that the recipe gives an option for a parameter, and for a model where it differs.
    func value(of option: String, parameter: String, model: Int?) throws -> OptionValue?
}

/// Options as a method reads them: with its own defaults behind the recipe.
public struct MergeOptions: Sendable {
    private let source: any OptionSource
    private let method: String
    private let known: [String: MergeOption]

    init(_ source: any OptionSource, of card: MethodCard) {
        self.source = source
        method = card.name
        known = Dictionary(uniqueKeysWithValues: card.options.map { ($0.name, $0) })
    }

    func number(_ name: String, _ parameter: String, model: Int? = nil) throws -> Double {
        let value = try value(name, parameter, model)
        guard case .number(let number) = value, number.isFinite else {
            throw MergeError.option(
                method: method,
                name: name,
                found: value.text,
                expected: "a number"
            )
        }
        return number
    }

    func flag(_ name: String, _ parameter: String) throws -> Bool {
        let value = try value(name, parameter, nil)
        guard case .flag(let flag) = value else {
            throw MergeError.option(
                method: method,
                name: name,
                found: value.text,
                expected: "true or false"
            )
        }
        return flag
    }

    func choice<Choice: CaseIterable & RawRepresentable<String>>(
        _ name: String,
        _ parameter: String
    ) throws -> Choice {
        let value = try value(name, parameter, nil)
        guard case .text(let text) = value, let choice = Choice(rawValue: text) else {
            throw MergeError.option(
                method: method,
                name: name,
                found: value.text,
                expected: "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", ")
            )
        }
        return choice
    }

    /// A share of elements to keep, in (0, 1].
    func density(_ parameter: String, model: Int) throws -> Double {
        let density = try number("density", parameter, model: model)
        guard density > 0, density <= 1 else {
            throw MergeError.option(
                method: method,
                name: "density",
                found: String(density),
                expected: "above 0 and at most 1"
            )
        }
        return density
    }

    private func value(_ name: String, _ parameter: String, _ model: Int?) throws -> OptionValue {
        if let value = try source.value(of: name, parameter: parameter, model: model) {
            return value
        }
        if let fallback = known[name]?.fallback { return fallback }
        throw MergeError.missingOption(
            method: method,
            name: name,
            parameter: parameter,
            model: model
        )
    }
}

extension OptionValue {
    /// The value as a recipe writes it.
    public var text: String {
        switch self {
        case .number(let number): String(number)
        case .flag(let flag): String(flag)
        case .text(let text): text
        }
    }
}
