import Testing

@testable import Tensors

/// The oracle is the standard library: `Float16`, and `Float`'s own conversions.
@Suite struct ConversionTests {
    @Test func `every float16 pattern decodes as the standard library's does`() {
        let patterns = Array(UInt16.min...UInt16.max)
        for (pattern, value) in zip(patterns, decoded(patterns, .float16)) {
            let expected = Float(Float16(bitPattern: pattern))
            #expect(same(value, expected), "\(pattern)")
        }
    }

    @Test func `every bfloat16 pattern is the upper half of a float32`() {
        let patterns = Array(UInt16.min...UInt16.max)
        for (pattern, value) in zip(patterns, decoded(patterns, .bfloat16)) {
            #expect(value.bitPattern == UInt32(pattern) << 16)
        }
    }

    @Test(arguments: [true, false])
    func `sixteen-bit numbers survive being decoded and encoded`(brain: Bool) {
        let patterns = Array(UInt16.min...UInt16.max)
        let values = decoded(patterns, brain ? .bfloat16 : .float16)
        let back: [UInt16] = encoded(values, brain ? .bfloat16 : .float16)
        let quiet: UInt16 = brain ? 0x40 : 0x200
        for (i, pattern) in patterns.enumerated() {
            #expect(back[i] == (values[i].isNaN ? pattern | quiet : pattern))
        }
    }

    @Test func `float16 rounds to nearest, ties to even, for floats of every exponent`() {
        let values = samples
        let halves: [UInt16] = encoded(values, .float16)
        for (value, half) in zip(values, halves) {
            let expected = Float16(value)
            let isRight =
                expected.isNaN ? Float16(bitPattern: half).isNaN : half == expected.bitPattern
            #expect(isRight, "\(value) gave \(half)")
        }
    }

    @Test func `bfloat16 rounds to the nearer neighbour, ties to even`() {
        let values = samples
        let halves: [UInt16] = encoded(values, .bfloat16)
        for (value, half) in zip(values, halves) {
            let result = Float(bitPattern: UInt32(half) << 16)
            guard value.isFinite else {
                #expect(same(result, value))
                continue
            }
            // The two neighbours by truncation, as doubles: the upper one may be 2^128.
            let lower = UInt32(value.bitPattern >> 16)
            let below = Double(Float(bitPattern: lower << 16))
            let isLast = lower & 0x7fff == 0x7f7f
            let above =
                isLast
                ? (value < 0 ? -0x1p128 : 0x1p128)
                : Double(Float(bitPattern: (lower + 1) << 16))
            let (toBelow, toAbove) = (abs(Double(value) - below), abs(Double(value) - above))
            let takesLower = toBelow < toAbove || (toBelow == toAbove && lower & 1 == 0)
            #expect(UInt32(half) == (takesLower ? lower : lower + 1), "\(value)")
        }
    }

    @Test func `eight-bit floats decode by their definition`() {
        let bytes = Array(UInt8.min...UInt8.max)
        let fourThree = decoded(bytes, .float8E4M3)
        let fiveTwo = decoded(bytes, .float8E5M2)
        let eightZero = decoded(bytes, .float8E8M0)
        for byte in bytes {
            let i = Int(byte)
            let sign: Float = byte & 0x80 == 0 ? 1 : -1
            let exponent = Int(byte >> 3 & 15)
            let fraction = Float(byte & 7) / 8
            let magnitude =
                exponent == 0
                ? fraction * power(-6) : (1 + fraction) * power(exponent - 7)
            #expect(same(fourThree[i], byte & 0x7f == 0x7f ? .nan : sign * magnitude))
            #expect(same(fiveTwo[i], Float(Float16(bitPattern: UInt16(byte) << 8))))
            #expect(same(eightZero[i], byte == 255 ? .nan : power(i - 127)))
        }
    }

    @Test func `float64 rounds to the nearest float32`() {
        let values: [Double] = [
            0, -0.0, 1, -1, .pi, 1e-40, -1e-45, 1e-60, 1e300, -1e300, .infinity, .nan,
            1 + 0x1p-24, 1 + 0x1p-24 + 0x1p-50, 1 + 0x3p-24, 0x1.fffffefp127, 0x1.ffffffp127,
        ]
        let result = decoded(values, .float64)
        for (value, single) in zip(values, result) { #expect(same(single, Float(value))) }
        let back: [UInt64] = encoded(result, .float64)
        for (single, bits) in zip(result, back) {
            let double = Double(bitPattern: bits)
            #expect(single.isNaN ? double.isNaN : double == Double(single))
        }
    }

    @Test func `integers become the nearest float`() {
        #expect(decoded([0, 1, 2, 255] as [UInt8], .bool) == [0, 1, 1, 1])
        check(.unsigned8, Array(UInt8.min...UInt8.max))
        check(.signed8, Array(Int8.min...Int8.max))
        check(.unsigned16, Array(UInt16.min...UInt16.max))
        check(.signed16, Array(Int16.min...Int16.max))
        check(.unsigned32, edges(UInt32.self))
        check(.signed32, edges(Int32.self))
        check(.unsigned64, edges(UInt64.self))
        check(.signed64, edges(Int64.self))
    }

    @Test(arguments: [0, 1, 3, 7, 31, 64, 1023, 4097])
    func `no length and no alignment changes a result`(count: Int) {
        let patterns = (0..<count).map { UInt16(truncatingIfNeeded: $0 &* 40_503) }
        let bytes: [UInt8] = [0] + patterns.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
        let aligned = decoded(patterns, .float16)
        var shifted = [Float](repeating: -1, count: count)
        var target = shifted.mutableSpan
        unsafe FloatDecoder.float16(bytes.span.bytes.extracting(droppingFirst: 1), into: &target)
        #expect(shifted.map(\.bitPattern) == aligned.map(\.bitPattern))

        let tensor = Tensor([count]) { output in
            unsafe FloatDecoder.float16(
                bytes.span.bytes.extracting(droppingFirst: 1),
                appendingTo: &output
            )
        }
        #expect(tensor.elements.map(\.bitPattern) == aligned.map(\.bitPattern))

        var results = [UInt8](repeating: 7, count: 2 * count + 1)
        unsafe results.withUnsafeMutableBufferPointer { all in
            let rest = unsafe UnsafeMutableBufferPointer(rebasing: all.dropFirst())
            var target = unsafe MutableSpan(_unsafeElements: rest)
            FloatEncoder.float16(aligned.span, into: &target)
        }
        #expect(results[0] == 7)
        for (i, value) in aligned.enumerated() where !value.isNaN {
            #expect(results[1 + 2 * i] == UInt8(patterns[i] & 255))
            #expect(results[2 + 2 * i] == UInt8(patterns[i] >> 8))
        }
    }

    @Test func `the first number that is not finite is found`() {
        var values = [Float](repeating: .greatestFiniteMagnitude, count: 5000)
        #expect(values.span.firstNonFinite() == nil)
        #expect([Float]().span.firstNonFinite() == nil)
        values[4999] = .nan
        #expect(values.span.firstNonFinite() == 4999)
        values[1024] = -.infinity
        #expect(values.span.firstNonFinite() == 1024)
        values[0] = .signalingNaN
        #expect(values.span.firstNonFinite() == 0)
    }
}

extension ConversionTests {
    /// Floats of both signs and all exponents, with the fractions where rounding is decided.
    private var samples: [Float] {
        let fractions: [UInt32] = [
            0, 1, 0xfff, 0x1000, 0x1001, 0x1fff, 0x2000, 0x2fff, 0x3000, 0x3001, 0x7fff, 0x8000,
            0x8001, 0xffff, 0x1_7fff, 0x1_8000, 0x1_8001, 0x7f_7fff, 0x7f_8000, 0x7f_efff,
            0x7f_f000, 0x7f_ffff, 0x40_0000, 0x2a_aaaa,
        ]
        return (0...511).flatMap { upper in
            fractions.map { Float(bitPattern: UInt32(upper) << 23 | $0) }
        }
    }

    private func power(_ exponent: Int) -> Float {
        Float(sign: .plus, exponent: exponent, significand: 1)
    }

    private func same(_ a: Float, _ b: Float) -> Bool {
        b.isNaN ? a.isNaN : a.bitPattern == b.bitPattern
    }

    private func edges<I: FixedWidthInteger>(_: I.Type) -> [I] {
        // Around every power of two, where rounding to 24 bits is decided.
        (0..<I.bitWidth).flatMap { bit -> [I] in
            let power = I(truncatingIfNeeded: 1 as UInt64) << I(bit)
            let half = bit > 24 ? power | (I(1) << I(bit - 24)) : power
            return [power, power &- 1, power &+ 1, half, half &- 1, half &+ 1, 0 &- half]
        } + [I.min, I.max]
    }

    private func check<I: FixedWidthInteger & BitwiseCopyable>(
        _ decoder: FloatDecoder,
        _ values: [I]
    ) {
        // One by one and all together, so that the scalar and the vector code are both compared.
        let together = decoded(values, decoder)
        for (value, result) in zip(values, together) {
            #expect(result == Float(value), "\(value)")
            #expect(decoded([value], decoder) == [Float(value)], "\(value)")
        }
    }

    private func decoded<T: BitwiseCopyable>(_ values: [T], _ decoder: FloatDecoder) -> [Float] {
        var result = [Float](repeating: 0, count: values.count)
        var target = result.mutableSpan
        unsafe decoder(values.span.bytes, into: &target)
        return result
    }

    private func encoded<I: FixedWidthInteger & BitwiseCopyable>(
        _ values: [Float],
        _ encoder: FloatEncoder
    ) -> [I] {
        var bytes = [UInt8](repeating: 0, count: values.count * encoder.size)
        var target = bytes.mutableSpan
        encoder(values.span, into: &target)
        return stride(from: 0, to: bytes.count, by: encoder.size).map { start in
            bytes[start..<start + encoder.size].reversed().reduce(0) { $0 << 8 | I($1) }
        }
    }
}
