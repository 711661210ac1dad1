public import ArgumentParser
public import Experiments
public import Tokenizers

extension EncodingRequest.Truncating: ExpressibleByArgument {}
extension Side: ExpressibleByArgument {}

extension EncodingRequest.Filling: ExpressibleByArgument {
    /// Reads a name, or a number of tokens.
    public init?(argument: String) {
        switch argument {
        case "none": self = .none
        case "longest": self = .longest
        case "max_length": self = .maximumLength
        default:
            guard let length = Int(argument) else { return nil }
            self = .fixed(length)
        }
    }
}
