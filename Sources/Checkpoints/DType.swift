/// The number format of a stored tensor.
///
/// The raw value is the name that safetensors files use.
public enum DType: String, Sendable, CaseIterable {
    case bool = "BOOL"
    case unsigned8 = "U8"
    case signed8 = "I8"
    case unsigned16 = "U16"
    case signed16 = "I16"
    case unsigned32 = "U32"
    case signed32 = "I32"
    case unsigned64 = "U64"
    case signed64 = "I64"
    case float4 = "F4"
    case float6E2M3 = "F6_E2M3"
    case float6E3M2 = "F6_E3M2"
    case float8E4M3 = "F8_E4M3"
    case float8E5M2 = "F8_E5M2"
    case float8E8M0 = "F8_E8M0"
    case bfloat16 = "BF16"
    case float16 = "F16"
    case float32 = "F32"
    case float64 = "F64"
    case complex64 = "C64"
}

extension DType: CustomStringConvertible {
    /// The name in safetensors files.
    public var description: String { rawValue }
}

extension DType {
    /// The bits of one element; less than a byte for some formats.
    public var bitCount: Int {
        switch self {
        case .float4: 4
        case .float6E2M3, .float6E3M2: 6
        case .bool, .unsigned8, .signed8, .float8E4M3, .float8E5M2, .float8E8M0: 8
        case .unsigned16, .signed16, .bfloat16, .float16: 16
        case .unsigned32, .signed32, .float32: 32
        case .unsigned64, .signed64, .float64, .complex64: 64
        }
    }

    /// Whether the elements are real floating-point numbers, of any width.
    public var isFloatingPoint: Bool {
        switch self {
        case .float4, .float6E2M3, .float6E3M2, .float8E4M3, .float8E5M2, .float8E8M0, .bfloat16,
            .float16, .float32, .float64:
            true
        default: false
        }
    }

    /// The bytes of a tensor of this format, or `nil` if they cannot be counted.
    ///
    /// That is so when the number overflows, or when sub-byte elements do not fill whole bytes.
    public func byteCount(of shape: [Int]) -> Int? {
        var bits = 1
        for length in shape + [bitCount] {
            let (product, overflow) = bits.multipliedReportingOverflow(by: length)
            if overflow || length < 0 { return nil }
            bits = product
        }
        return bits.isMultiple(of: 8) ? bits / 8 : nil
    }
}

extension DType {
    /// The format by any of the names that configurations, recipes and files give it.
    ///
    /// `float32`, `torch.float32`, `fp32`, `float` and `F32` are one; case does not matter.
    public init?(named name: String) {
        let lowercase = name.lowercased()
        let plain = lowercase.hasPrefix("torch.") ? String(lowercase.dropFirst(6)) : lowercase
        guard let dtype = DType(rawValue: plain.uppercased()) ?? DType.synonyms[plain] else {
            return nil
        }
        self = dtype
    }

    private static let synonyms: [String: DType] = [
        "uint8": .unsigned8, "byte": .unsigned8,
        "int8": .signed8, "char": .signed8,
        "uint16": .unsigned16, "int16": .signed16, "short": .signed16,
        "uint32": .unsigned32, "int32": .signed32, "int": .signed32,
        "uint64": .unsigned64, "int64": .signed64, "long": .signed64,
        "float8_e4m3fn": .float8E4M3, "float8_e5m2": .float8E5M2, "float8_e8m0fnu": .float8E8M0,
        "bfloat16": .bfloat16, "bf16": .bfloat16,
        "float16": .float16, "half": .float16, "fp16": .float16,
        "float32": .float32, "float": .float32, "fp32": .float32,
        "float64": .float64, "double": .float64, "fp64": .float64,
        "complex64": .complex64, "cfloat": .complex64,
    ]
}
