/// How the encodings of a batch are made equally long.
public struct Padding: Hashable, Sendable {
    /// The length that shorter encodings are filled up to.
    public enum Length: Hashable, Sendable {
        /// That of the longest encoding of the batch.
        case longest
        /// A number of tokens; longer encodings stay as they are.
        case fixed(Int)
    }

    /// The length that shorter encodings are filled up to.
    public var length: Length
    /// A number of which the length shall be a multiple, or `nil`.
    public var multiple: Int?
    /// The side that is filled.
    public var side: Side
    /// The id of the padding token.
    public var id: Int32
    /// The segment of the padding.
    public var typeID: Int32
    /// The padding token.
    public var token: String

    /// A padding, by default at the end and up to the longest encoding.
    public init(
        length: Length = .longest,
        multiple: Int? = nil,
        side: Side = .right,
        id: Int32,
        typeID: Int32 = 0,
        token: String
    ) {
        self.length = length
        self.multiple = multiple
        self.side = side
        self.id = id
        self.typeID = typeID
        self.token = token
    }
}

extension Padding {
    /// Fills up the encodings of a batch, with their overflow.
    func apply(to batch: inout [Encoding]) {
        var length =
            switch length {
            case .fixed(let length): length
            case .longest: batch.lazy.map(\.count).max() ?? 0
            }
        if let multiple, multiple > 0, length % multiple > 0 {
            length += multiple - length % multiple
        }
        for index in batch.indices {
            batch[index].pad(to: length, with: self)
        }
    }
}

extension Encoding {
    fileprivate mutating func pad(to length: Int, with padding: Padding) {
        for index in overflowing.indices {
            overflowing[index].pad(to: length, with: padding)
        }
        let missing = length - count
        guard missing > 0 else { return }
        let place = padding.side == .right ? count : 0
        func fill<Element>(_ array: inout [Element], _ element: Element) {
            array.insert(contentsOf: repeatElement(element, count: missing), at: place)
        }
        fill(&ids, padding.id)
        fill(&typeIDs, padding.typeID)
        fill(&attentionMask, 0)
        fill(&specialTokensMask, 1)
        fill(&tokens, padding.token)
    }
}

// MARK: - Files

extension Padding {
    init(_ configuration: Configuration) throws {
        self.init(
            length: try Length(try configuration.required("strategy", expected: "a strategy")),
            multiple: try configuration.optional("pad_to_multiple_of")?.integer(in: .paddings),
            side: try Side(try configuration.required("direction", expected: "Left or Right")),
            id: try configuration.required("pad_id", expected: "an id").id(),
            typeID: try configuration.required("pad_type_id", expected: "an id").id(),
            token: try configuration.string("pad_token")
        )
    }
}

extension Padding.Length {
    fileprivate init(_ configuration: Configuration) throws {
        if case .object = configuration.value {
            self = .fixed(try configuration.integer("Fixed", in: .paddings))
        } else {
            self = try configuration.choice(of: [("BatchLongest", .longest)])
        }
    }
}

extension ClosedRange<Int> {
    /// The paddings that a file may ask for, so that a short file cannot fill the memory.
    fileprivate static let paddings = 0...1 << 20
}
