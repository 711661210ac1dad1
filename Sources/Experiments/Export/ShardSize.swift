/// How large the files of a checkpoint may become.
public struct ShardSize: Sendable, Equatable {
    /// The number of bytes.
    public let bytes: Int

    /// Reads a number of bytes with a decimal unit, such as `500M`, `5GB` or mergekit's `5B`, a billion;
    /// `nil` for what is none.
    public init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let factor = Self.units[text.dropFirst(digits.count).lowercased()],
            let number = Double(digits)
        else { return nil }
        let bytes = number * factor
        guard bytes >= 1, bytes < 1e18 else { return nil }
        self.bytes = Int(bytes)
    }

    private static let units: [String: Double] = [
        "": 1, "k": 1e3, "kb": 1e3, "m": 1e6, "mb": 1e6, "g": 1e9, "gb": 1e9, "b": 1e9, "t": 1e12,
        "tb": 1e12,
    ]
}
