import Testing

@testable import Tensors

@Suite struct `Differences of stored numbers from a base` {
    private let count = 1_003

    private func random(_ name: String) -> Tensor {
        var generator = SeededGenerator(seed: 5, name)
        return Tensor([count], (0..<count).map { _ in generator.normal() })
    }

    /// The kernel of a format, and how the format is written and read.
    enum Format: CaseIterable {
        case bfloat16, float16, float32

        var kernel: DifferenceKernel {
            switch self {
            case .bfloat16: .bfloat16
            case .float16: .float16
            case .float32: .float32
            }
        }

        var coding: (encoder: FloatEncoder, decoder: FloatDecoder) {
            switch self {
            case .bfloat16: (.bfloat16, .bfloat16)
            case .float16: (.float16, .float16)
            case .float32: (.float32, .float32)
            }
        }
    }

    /// The numbers as a file holds them, behind one byte that spoils their alignment.
    private func stored(_ numbers: Tensor, _ format: Format) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count * format.kernel.size)
        numbers.withSpan { elements in
            var target = bytes.mutableSpan
            format.coding.encoder(elements, into: &target)
        }
        return [0] + bytes
    }

    @Test(arguments: Format.allCases)
    func `are formed with the bits of decoding and subtracting`(format: Format) {
        let (numbers, base) = (random("x"), random("base"))
        let bytes = stored(numbers, format)
        // Bytes have no invalid patterns.
        let found = unsafe format.kernel(
            bytes.span.bytes.extracting(1..<bytes.count),
            minus: base
        )
        let decoded = numbers.rounded(by: format.coding.encoder, format.coding.decoder)
        #expect(found.elements == (decoded - base).elements)
    }

    @Test(arguments: Format.allCases)
    func `are added with the bits of decoding, subtracting and adding`(format: Format) {
        let (numbers, base, start) = (random("x"), random("base"), random("sum"))
        let bytes = stored(numbers, format)
        var fused = start
        // Bytes have no invalid patterns.
        unsafe format.kernel.add(
            bytes.span.bytes.extracting(1..<bytes.count),
            minus: base,
            times: 0.3,
            to: &fused
        )
        var expected = start
        let decoded = numbers.rounded(by: format.coding.encoder, format.coding.decoder)
        expected.add(decoded - base, times: 0.3)
        #expect(fused.elements == expected.elements)
        #expect(start.elements == random("sum").elements, "a copy was written to")
    }

    @Test(arguments: Format.allCases)
    func `have the inner products of what is decoded and subtracted`(format: Format) {
        let (numbers, base) = (random("x"), random("base"))
        let gradient = Tensor(joiningRowsOf: [random("before"), random("gradient")])
            .reshaped([2 * count])
        let bytes = stored(numbers, format)
        // Bytes have no invalid patterns.
        let fused = unsafe format.kernel.dot(
            gradient,
            from: count,
            bytes.span.bytes.extracting(1..<bytes.count),
            minus: base
        )
        let decoded = numbers.rounded(by: format.coding.encoder, format.coding.decoder)
        let expected = gradient.dot(decoded - base, in: count..<2 * count)
        // Sums in double whose terms are added in another order: their rounding, and no more.
        #expect(abs(fused - expected) < 1e-12 * Double(count))
    }
}
