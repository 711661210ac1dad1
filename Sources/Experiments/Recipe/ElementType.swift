/// A type of numbers that a recipe asks for, in `dtype` or `out_dtype`.
public enum ElementType: String, CaseIterable, Sendable {
    /// IEEE single precision.
    case float32
    /// The upper half of single precision.
    case bfloat16
    /// IEEE half precision.
    case float16
    /// IEEE double precision.
    case float64
}

extension ValueReader {
    /// A type, with or without the prefix `torch.`.
    func elementType() -> ElementType? {
        guard let text = scalar?.text, text.hasPrefix("torch.") else { return choice() }
        let bare = DocumentValue(
            content: .scalar(DocumentScalar(text: String(text.dropFirst(6)))),
            origin: value.origin
        )
        return ValueReader(value: bare, path: path, reading: reading).choice()
    }
}
