/// Why a model cannot read an input.
public enum ModelInputError: Error, Equatable, CustomStringConvertible {
    /// A text model was given something else.
    case expectsTokens

    /// One sentence.
    public var description: String {
        switch self {
        case .expectsTokens: "This model reads texts (input_ids); the input holds something else."
        }
    }
}
