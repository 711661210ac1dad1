internal import Tensors

extension DType {
    /// Reads elements as float32; `nil` for complex numbers and elements smaller than a byte.
    var decoder: FloatDecoder? {
        switch self {
        case .bool: .bool
        case .unsigned8: .unsigned8
        case .signed8: .signed8
        case .unsigned16: .unsigned16
        case .signed16: .signed16
        case .unsigned32: .unsigned32
        case .signed32: .signed32
        case .unsigned64: .unsigned64
        case .signed64: .signed64
        case .float8E4M3: .float8E4M3
        case .float8E5M2: .float8E5M2
        case .float8E8M0: .float8E8M0
        case .bfloat16: .bfloat16
        case .float16: .float16
        case .float32: .float32
        case .float64: .float64
        case .float4, .float6E2M3, .float6E3M2, .complex64: nil
        }
    }

    /// Writes float32 numbers; `nil` for all but the four formats that merges are written in.
    var encoder: FloatEncoder? {
        switch self {
        case .bfloat16: .bfloat16
        case .float16: .float16
        case .float32: .float32
        case .float64: .float64
        default: nil
        }
    }

    /// Whether float32 numbers can be written in this format.
    public var isWritable: Bool { encoder != nil }
}
