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
        case (.amounts, .number(let number)): number >= 0 && number.isFinite
        case (.percentages, .number(let number)): (0...100).contains(number)
        case (.steps, .number(let number)):
            number >= 0 && number == number.rounded() && number < 1e15
        case (.labels, .text(let text)): FisherLabels(text) != nil
        case (.counts, .number(let number)):
            number >= 1 && number == number.rounded() && number < 1e15
        case (.files, .text): true
        case (.flags, .flag): true
        case (.names(let names), .text(let text)): names.contains(text)
        case (.texts, .list(let values)):
            values.allSatisfy { if case .text = $0 { true } else { false } }
        case (.numbersOfModels, .number(let number)): number.isFinite
        case (.numbersOfModels, .list(let values)):
            values.allSatisfy { Self.numbers.contains($0) }
        default: false
        }
    }
}

extension MergeOption.Values {
    /// Whether a list is one value, and no gradient over the layers.
    var takesLists: Bool { self == .texts || self == .numbersOfModels }
}

extension MergeOption.Values: CustomStringConvertible {
    /// What an option may be, in a few words.
    public var description: String {
        switch self {
        case .numbers: "a number"
        case .shares: "above 0 and at most 1"
        case .fractions: "from 0 to 1"
        case .amounts: "a number of at least 0"
        case .percentages: "from 0 to 100"
        case .steps: "a whole number of at least 0"
        case .counts: "a whole number of at least 1"
        case .files: "a file"
        case .labels: "auto, exact, sampled, sampled:k or empirical"
        case .flags: "true or false"
        case .names(let names): "one of " + names.joined(separator: ", ")
        case .texts: "a list of texts"
        case .numbersOfModels: "a number, or a list of one for each model"
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
        case .list(let values): "[" + values.map(\.text).joined(separator: ", ") + "]"
        }
    }
}
