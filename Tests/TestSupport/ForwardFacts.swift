/// What a `case.json` of a forward case says.
public struct ForwardFacts: Sendable, Decodable {
    /// How an output is compared.
    public struct Output: Sendable, Decodable {
        /// The mask of the rows that are compared; `nil` for all.
        public var rows_where: String?
    }

    /// What was differentiated.
    public struct Gradient: Sendable, Decodable {
        /// How far an element may be off.
        public struct Limits: Sendable, Decodable {
            /// As a share of the largest element of its tensor, and of all tensors.
            public var of_tensor_largest, of_largest: Double
        }
        /// The name of the number.
        public var objective: String
        /// The number, and the largest element of its derivatives.
        public var value, largest: Double
        /// How far an element may be off.
        public var tolerance: Limits
    }

    /// The class of the model.
    public var architecture: String
    /// The outputs that are compared.
    public var outputs: [String: Output]
    /// How far they may be off.
    public var tolerance: Tolerance
    /// The gradient that is compared.
    public var gradient: Gradient?
}

extension ReferenceCase {
    /// The forward cases of the architectures that Merganser runs.
    public static let forward = all("forward") { name in
        ["bert", "vit", "deit", "dinov2", "clip"].contains { name.hasPrefix($0) }
    }

    /// What the case says.
    public func forwardFacts() throws -> ForwardFacts { try json(ForwardFacts.self) }

    /// Whether the case has a gradient.
    public var hasGradient: Bool { (try? forwardFacts())?.gradient != nil }
}
