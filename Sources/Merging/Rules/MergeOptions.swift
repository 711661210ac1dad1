/// A value of a method's option.
public enum OptionValue: Sendable, Equatable {
    /// A number.
    case number(Double)
    /// Yes or no.
    case flag(Bool)
    /// A name.
    case text(String)
    /// Several of these.
    case list([OptionValue])
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

    /// What it may be.
    public enum Values: Sendable, Equatable {
        /// Any number.
        case numbers
        /// A number above 0 and at most 1.
        case shares
        /// A number from 0 to 1.
        case fractions
        /// A number of at least 0.
        case amounts
        /// A number from 0 to 100.
        case percentages
        /// A whole number of at least 1.
        case counts
        /// A whole number of at least 0.
        case steps
        /// A file, or nothing.
        case files
        /// The labels of Fisher information.
        case labels
        /// Yes or no.
        case flags
        /// One of some names.
        case names([String])
        /// Any number of texts.
        case texts
        /// A number, or a list of one for each model.
        case numbersOfModels
    }

    /// The key in a recipe.
    public let name: String
    /// Whether models may differ in it.
    public let scope: Scope
    /// What it may be.
    public let values: Values
    /// What holds where the recipe says nothing; `nil` where it must say something.
    public let fallback: OptionValue?
    /// What it does, in a clause.
    public let summary: String

    init(
        _ name: String,
        _ scope: Scope,
        _ values: Values,
        default fallback: OptionValue?,
        _ summary: String
    ) {
        (self.name, self.scope, self.values) = (name, scope, values)
        (self.fallback, self.summary) = (fallback, summary)
    }
}

extension MergeOption {
    /// What counts a model or its task vector.
    static func weight(_ summary: String, default fallback: OptionValue? = nil) -> MergeOption {
        MergeOption("weight", .model, .numbers, default: fallback, summary)
    }

    /// Whether to divide by the sum of the weights.
    static func normalize(_ fallback: Bool, _ summary: String) -> MergeOption {
        MergeOption("normalize", .merge, .flags, default: .flag(fallback), summary)
    }

    /// Whether to stretch what is left of a task vector.
    static var rescale: MergeOption {
        MergeOption(
            "rescale",
            .merge,
            .flags,
            default: .flag(false),
            "stretch what is left to the sum of magnitudes that the tensor had"
        )
    }

    /// The factor of all that is added to the base.
    static func lambda(default fallback: Double = 1) -> MergeOption {
        MergeOption("lambda", .merge, .numbers, default: .number(fallback), "the factor of the sum")
    }
}

/// Where a method's options come from: a recipe, with its gradients and filters.
public protocol OptionSource: Sendable {
    /// What random choices follow.
    var seed: UInt64 { get }
    /// The value that the recipe gives an option for a parameter, and for a model where it differs.
    func value(of option: String, parameter: String, model: Int?) throws -> OptionValue?
    /// The same for an option that takes lists, which are then no gradients.
    func list(of option: String, parameter: String) throws -> OptionValue?
}

extension OptionSource {
    /// 0, where nothing else is said.
    public var seed: UInt64 { 0 }

    /// What the option is elsewhere.
    public func list(of option: String, parameter: String) throws -> OptionValue? {
        try value(of: option, parameter: parameter, model: nil)
    }
}

/// Options as a method reads them: with its own defaults behind the recipe, all checked.
public struct MergeOptions: Sendable {
    /// The name of the method.
    let method: String
    private let source: any OptionSource
    private let known: [String: MergeOption]

    /// What random choices follow.
    var seed: UInt64 { source.seed }

    /// Looks at every option of every parameter and model before anything is merged.
    ///
    /// - Throws: `MergeError.options` with all that are missing or not what they may be.
    init(
        _ source: any OptionSource,
        of options: [MergeOption],
        method: String,
        for pool: ModelPool
    ) throws {
        (self.method, self.source) = (method, source)
        known = Dictionary(uniqueKeysWithValues: options.map { ($0.name, $0) })
        var faults: [OptionFault] = []
        for option in options {
            let models: [Int?] = option.scope == .model ? pool.experts.indices.map(\.self) : [nil]
            for model in models {
                for parameter in pool.parameters {
                    guard let fault = try fault(option, parameter.name, model, pool.experts)
                    else { continue }
                    // The first parameter that shows the fault stands for all of them.
                    faults.append(fault)
                    break
                }
            }
        }
        guard faults.isEmpty else { throw MergeError.options(method: method, faults) }
    }

    /// Looks at every option of a method.
    init(_ source: any OptionSource, of card: MethodCard, for pool: ModelPool) throws {
        try self.init(source, of: card.options, method: card.name, for: pool)
    }

    /// Whether the method has an option of this name.
    func takes(_ name: String) -> Bool { known[name] != nil }

    /// Numbers of the models that are the same for every parameter.
    ///
    /// - Throws: `MergeError.option`, which says when that `must` be.
    func constant(
        _ name: String,
        of pool: ModelPool,
        method: String,
        must condition: String
    ) throws -> [Double] {
        guard let first = pool.parameters.first else { throw MergeError.noModels }
        let all = try numbers(name, first)
        guard try pool.parameters.allSatisfy({ try numbers(name, $0) == all }) else {
            throw MergeError.option(
                method: method,
                name: name,
                found: "different for some parameters",
                expected: "one number for each model with \(condition)"
            )
        }
        return all
    }

    /// A number for a parameter.
    func number(_ name: String, _ parameter: String, model: Int? = nil) throws -> Double {
        guard case .number(let number) = try value(name, parameter, model) else {
            preconditionFailure("\(name) is not among the card's options that are numbers")
        }
        return number
    }

    /// The number for a parameter that each of the models has.
    func numbers(_ name: String, _ parameter: ModelPool.Parameter) throws -> [Double] {
        try parameter.experts.indices.map { try number(name, parameter.name, model: $0) }
    }

    /// Whether something is so for a parameter.
    func flag(_ name: String, _ parameter: String) throws -> Bool {
        try value(name, parameter, nil) == .flag(true)
    }

    /// One of some names for a parameter.
    func choice<Choice: RawRepresentable<String>>(
        _ name: String,
        _ parameter: String
    ) throws -> Choice {
        guard case .text(let text) = try value(name, parameter, nil),
            let choice = Choice(rawValue: text)
        else { preconditionFailure("\(name) is not among the card's options that are names") }
        return choice
    }

    /// A text for a parameter.
    func text(_ name: String, _ parameter: String) throws -> String {
        guard case .text(let text) = try value(name, parameter, nil) else {
            preconditionFailure("\(name) is not among the card's options that are texts")
        }
        return text
    }

    /// The texts of a list.
    func texts(_ name: String) throws -> [String] {
        guard case .list(let values)? = try value(name, "", nil) else {
            preconditionFailure("\(name) is not among the card's options that are lists")
        }
        return values.map(\.text)
    }

    /// The number for a parameter, or the list of those of the models.
    func numbersOfModels(
        _ name: String,
        _ parameter: ModelPool.Parameter
    ) throws -> (one: Double?, each: [Double]) {
        let value = try value(name, parameter.name, nil)
        if case .number(let number) = value { return (number, []) }
        guard case .list(let values) = value else {
            preconditionFailure("\(name) is not among the card's options that are numbers")
        }
        guard values.count == parameter.experts.count else {
            throw MergeError.option(
                method: method,
                name: name,
                found: "a list of \(values.count)",
                expected: "one number, or one for each of the \(parameter.experts.count) models"
            )
        }
        return (nil, values.compactMap { if case .number(let number) = $0 { number } else { nil } })
    }

    /// Numbers of the models for a parameter, none of which is negative nor all 0.
    func positive(
        _ name: String,
        _ parameter: ModelPool.Parameter,
        method: String
    ) throws -> [Double] {
        let all = try numbers(name, parameter)
        guard all.allSatisfy({ $0 >= 0 }), all.contains(where: { $0 > 0 }) else {
            throw MergeError.option(
                method: method,
                name: name,
                found: all.map { String($0) }.joined(separator: ", "),
                expected: "0 or more for every model, and more for one (\(parameter.name))"
            )
        }
        return all
    }

    private func value(_ name: String, _ parameter: String, _ model: Int?) throws -> OptionValue? {
        let option = known[name]
        let said =
            option?.values.takesLists == true
            ? try source.list(of: name, parameter: parameter)
            : try source.value(of: name, parameter: parameter, model: model)
        return said ?? option?.fallback
    }

    private func fault(
        _ option: MergeOption,
        _ parameter: String,
        _ model: Int?,
        _ models: [String]
    ) throws -> OptionFault? {
        let value = try value(option.name, parameter, model)
        if let value, option.values.contains(value) { return nil }
        return OptionFault(
            option: option.name,
            model: model.map { models[$0] },
            parameter: parameter,
            found: value?.text,
            expected: option.values.description
        )
    }
}
