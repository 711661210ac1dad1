import Testing

@testable import Checkpoints

@Suite struct DTypeTests {
    @Test func `every format is found by its own name and by Python's`() {
        for dtype in DType.allCases {
            #expect(DType(named: dtype.rawValue) == dtype)
            #expect(DType(named: dtype.rawValue.lowercased()) == dtype)
            #expect("\(dtype)" == dtype.rawValue)
        }
        for (name, dtype) in [
            ("float32", DType.float32), ("torch.float32", .float32), ("torch.bfloat16", .bfloat16),
            ("float16", .float16), ("half", .float16), ("Float", .float32), ("double", .float64),
            ("torch.int64", .signed64), ("uint8", .unsigned8), ("torch.float8_e4m3fn", .float8E4M3),
        ] {
            #expect(DType(named: name) == dtype, "\(name)")
        }
        for name in ["", "torch.", "float33", "torch.torch.float32", "auto"] {
            #expect(DType(named: name) == nil, "\(name)")
        }
    }

    @Test func `bytes are counted without overflow`() {
        #expect(DType.bfloat16.byteCount(of: [3, 5]) == 30)
        #expect(DType.bool.byteCount(of: []) == 1)
        #expect(DType.float4.byteCount(of: [3, 2]) == 3)
        #expect(DType.float4.byteCount(of: [3]) == nil)
        #expect(DType.float6E2M3.byteCount(of: [4]) == 3)
        #expect(DType.float32.byteCount(of: [.max, 0]) == 0)
        #expect(DType.float32.byteCount(of: [.max]) == nil)
        #expect(DType.float32.byteCount(of: [-1]) == nil)
        #expect(DType.complex64.byteCount(of: [2]) == 16)
    }

    @Test func `floats are told from other numbers`() {
        let others: Set<DType> = [
            .bool, .unsigned8, .signed8, .unsigned16, .signed16, .unsigned32, .signed32,
            .unsigned64, .signed64, .complex64,
        ]
        for dtype in DType.allCases { #expect(dtype.isFloatingPoint != others.contains(dtype)) }
    }
}
