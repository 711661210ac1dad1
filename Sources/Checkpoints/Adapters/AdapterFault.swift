/// What does not fit in an adapter.
public enum AdapterFault: Sendable, Equatable {
    case noPartner(module: String, missing: String)
    case shape(module: String, a: [Int], b: [Int])
    case rank(module: String, configured: Int, found: Int)
    case duplicate(name: String)
    case setting(key: String, expected: String)
    case pattern(key: String, pattern: String)
    case empty
}

extension AdapterFault: CustomStringConvertible {
    /// A part of the sentence of a `CheckpointError`.
    public var description: String {
        switch self {
        case .noPartner(let module, let missing): "\(quoted(module)) has no \(missing)"
        case .shape(let module, let a, let b):
            "the matrices A \(described(a)) and B \(described(b)) of \(quoted(module)) are not "
                + "[rank, in] and [out, rank]"
        case .rank(let module, let configured, let found):
            "\(quoted(module)) has the rank \(found) and is configured to have \(configured)"
        case .duplicate(let name): "\(quoted(name)) occurs under two names"
        case .setting(let key, let expected): "\(quoted(key)) is not \(expected)"
        case .pattern(let key, let pattern):
            "\(quoted(pattern)) in \(quoted(key)) is not a regular expression of a supported kind"
        case .empty: "it has no tensors that change a model"
        }
    }
}
