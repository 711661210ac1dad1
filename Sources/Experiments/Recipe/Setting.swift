/// The value of an option, which may differ from layer to layer and from tensor to tensor.
///
/// Read and evaluated by mergekit's rules.
public enum Setting: Hashable, Sendable {
    /// A plain value.
    public enum Scalar: Hashable, Sendable {
        /// A number.
        case number(Double)
        /// True or false.
        case boolean(Bool)
        /// A text, as in the names of variants.
        case text(String)
    }

    /// An entry of a list that depends on the names of tensors.
    public struct Filtered: Hashable, Sendable {
        /// The part of a name it applies to; `nil` and `*` are all names.
        public var filter: String?
        /// A value or a list of values, without filters of its own.
        public var value: Setting

        /// A value for the names that contain `filter`.
        public init(_ filter: String?, _ value: Setting) {
            self.filter = filter
            self.value = value
        }
    }

    /// One value everywhere.
    case scalar(Scalar)
    /// Values from the first layer to the last.
    ///
    /// Numbers are interpolated between their positions; other values hold until the next.
    case list([Scalar])
    /// The value of the first entry whose filter is part of the tensor's name.
    case filtered([Filtered])
}

extension Setting {
    /// The value for a tensor, or `nil` where no filter matches and the next scope decides.
    ///
    /// The position is where its layer stands, from 0 to 1; see ``LayerPosition``.
    public func value(forTensor name: String, at position: Double) -> Scalar? {
        switch self {
        case .scalar(let scalar): scalar
        case .list(let scalars): scalars.value(at: position)
        case .filtered(let entries):
            entries.first { $0.matches(name) }?.value.value(forTensor: name, at: position)
        }
    }

    /// Every plain value in it.
    var scalars: [Scalar] {
        switch self {
        case .scalar(let scalar): [scalar]
        case .list(let scalars): scalars
        case .filtered(let entries): entries.flatMap(\.value.scalars)
        }
    }

    /// The same with every plain value replaced, or `nil` where one cannot be.
    func mapScalars(_ transform: (Scalar) -> Scalar?) -> Setting? {
        switch self {
        case .scalar(let scalar): return transform(scalar).map(Setting.scalar)
        case .list(let scalars):
            let mapped = scalars.compactMap(transform)
            return mapped.count == scalars.count ? .list(mapped) : nil
        case .filtered(let entries):
            let mapped = entries.compactMap { entry in
                entry.value.mapScalars(transform).map { Filtered(entry.filter, $0) }
            }
            return mapped.count == entries.count ? .filtered(mapped) : nil
        }
    }
}

extension Setting.Filtered {
    /// Whether it applies whatever the tensor.
    var matchesAll: Bool { filter == nil || filter == "*" }

    fileprivate func matches(_ name: String) -> Bool {
        guard let filter, filter != "*" else { return true }
        return !name.isEmpty && (filter.isEmpty || name.contains(filter))
    }
}

extension [Setting.Scalar] {
    /// The value at a position between the first element, at 0, and the last, at 1.
    fileprivate func value(at position: Double) -> Setting.Scalar? {
        guard let last = indices.last else { return nil }
        // Written so that a position that is not a number counts as 0.
        let scaled = (position > 0 ? Swift.min(position, 1) : 0) * Double(last)
        let lower = Int(scaled)
        let upper = Swift.min(last, lower + 1)
        let numbers = compactMap(\.number)
        guard numbers.count == count else { return self[lower] }
        let fraction = scaled - Double(lower)
        return .number((1 - fraction) * numbers[lower] + fraction * numbers[upper])
    }
}

extension Setting.Scalar {
    /// The number it is, if it is one.
    public var number: Double? { if case .number(let number) = self { number } else { nil } }
    /// Whether it is true, if it is a truth value.
    public var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }
    /// The text it is, if it is one.
    public var text: String? { if case .text(let text) = self { text } else { nil } }
}

extension Setting.Scalar: CustomStringConvertible {
    /// As it would be written in a recipe.
    public var description: String {
        switch self {
        case .number(let number): DocumentValue.numeral(number)
        case .boolean(let value): "\(value)"
        case .text(let text): text
        }
    }
}

extension Setting.Scalar: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByStringLiteral
{
    /// A number.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// A whole number.
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
    /// True or false.
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    /// A text.
    public init(stringLiteral value: String) { self = .text(value) }
}
