/// What is wrong with a tensor of a safetensors header.
public enum TensorFault: Sendable, Equatable {
    case missing(tensor: String, key: String)
    case unknownDType(tensor: String, dtype: String)
    case offsetCount(tensor: String, found: Int)
    case reversed(tensor: String, begin: Int, end: Int)
    case outside(tensor: String, end: Int, available: Int)
    /// The number of bytes that shape and dtype ask for overflows, or is not whole.
    case uncountable(tensor: String, dtype: DType, shape: [Int])
    case size(tensor: String, dtype: DType, shape: [Int], expected: Int, found: Int)
    case overlap(first: String, second: String, begin: Int, end: Int)
    case hole(begin: Int, end: Int)
    case duplicate(tensor: String)
    case reserved(tensor: String)
}

extension TensorFault: CustomStringConvertible {
    /// A part of the sentence of a `CheckpointError`.
    public var description: String {
        switch self {
        case .missing(let tensor, let key): "\(quoted(tensor)) has no \(key)"
        case .unknownDType(let tensor, let dtype):
            "\(quoted(tensor)) has the dtype \(quoted(dtype)), which does not exist"
        case .offsetCount(let tensor, let found):
            "\(quoted(tensor)) has \(found) data_offsets instead of 2"
        case .reversed(let tensor, let begin, let end):
            "\(quoted(tensor)) begins at \(begin) and ends before that, at \(end)"
        case .outside(let tensor, let end, let available):
            "\(quoted(tensor)) ends at byte \(end) of \(available) bytes of data"
        case .uncountable(let tensor, let dtype, let shape):
            "the size of \(quoted(tensor)), \(dtype) \(described(shape)), is not a number of bytes"
        case .size(let tensor, let dtype, let shape, let expected, let found):
            "\(quoted(tensor)), \(dtype) \(described(shape)), takes \(expected) bytes but has \(found)"
        case .overlap(let first, let second, let begin, let end):
            "\(quoted(first)) and \(quoted(second)) share the bytes \(begin)..<\(end)"
        case .hole(let begin, let end): "no tensor holds the bytes \(begin)..<\(end)"
        case .duplicate(let tensor): "\(quoted(tensor)) occurs twice"
        case .reserved(let tensor): "\(quoted(tensor)) is not a name for a tensor"
        }
    }
}

/// A shape for a message; hostile ones have millions of dimensions.
func described(_ shape: [Int]) -> String {
    "[" + listed(shape.map(String.init), limit: 8) + "]"
}
