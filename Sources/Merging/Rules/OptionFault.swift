/// An option of a method that is missing, or not what it may be.
public struct OptionFault: Sendable, Equatable {
    /// The key in a recipe.
    public let option: String
    /// The model, where models may differ in it.
    public let model: String?
    /// The first parameter that shows it.
    public let parameter: String
    /// What the recipe says; `nil` where it says nothing.
    public let found: String?
    /// What it may be.
    public let expected: String
}

extension OptionFault: CustomStringConvertible {
    /// What is wrong, in one clause.
    public var description: String {
        let owner = model.map { "\(option) of \($0)" } ?? "parameters.\(option)"
        let subject = "\(owner) for \(parameter)"
        return found.map { "\(subject) is \($0), but must be \(expected)" }
            ?? "\(subject) is missing, and must be \(expected)"
    }
}

extension MergeOption.Values {
    /// Whether a value is one of these.
    func contains(_ value: OptionValue) -> Bool {
        switch (self, value) {
        case (.numbers, .number(let number)): number.isFinite
        case (.shares, .number(let number)): number > 0 && number <= 1
        case (.fractions, .number(let number)): (0...1).contains(number)
        case (.labels, .text(let text)): FisherLabels(text) != nil
        case (.counts, .number(let number)):
            number >= 1 && number == number.rounded() && number < 1e15
        case (.files, .text): true
        case (.flags, .flag): true
        case (.names(let names), .text(let text)): names.contains(text)
        default: false
        }
    }
}

extension MergeOption.Values: CustomStringConvertible {
    /// What an option may be, in a few words.
    public var description: String {
        switch self {
        case .numbers: "a number"
        case .shares: "above 0 and at most 1"
        case .fractions: "from 0 to 1"
        case .counts: "a whole number of at least 1"
        case .files: "a file"
        case .labels: "exact, sampled, sampled:k or empirical"
        case .flags: "true or false"
        case .names(let names): "one of " + names.joined(separator: ", ")
        }
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
