internal import CKernels

/// Reads numbers of one file format as float32.
///
/// The bytes are little-endian and need no alignment. Every value that float32 can hold is exact;
/// others are rounded to nearest, ties to even.
@safe package struct FloatDecoder: Sendable {
    private typealias Kernel =
        @convention(c) @Sendable (UnsafeRawPointer, UnsafeMutablePointer<Float>, Int) -> Void

    /// The bytes of one number.
    package let size: Int
    private let kernel: Kernel

    private init(_ kernel: Kernel, size: Int) {
        unsafe self.kernel = unsafe kernel
        self.size = size
    }

    /// Replaces all elements of `target` by the numbers in `source`, which holds as many.
    package func callAsFunction(_ source: RawSpan, into target: inout MutableSpan<Float>) {
        precondition(source.byteCount == target.count * size, "as many numbers as elements")
        unsafe source.withUnsafeBytes { source in
            unsafe target.withUnsafeMutableBufferPointer { target in
                // Only empty spans have no address. The counts agree by the precondition.
                guard let from = source.baseAddress, let to = target.baseAddress else { return }
                unsafe kernel(from, to, target.count)
            }
        }
    }

    /// Appends the numbers in `source` to `target`, which has room for them.
    package func callAsFunction(_ source: RawSpan, appendingTo target: inout OutputSpan<Float>) {
        let count = source.byteCount / size
        precondition(source.byteCount == count * size, "whole numbers")
        precondition(count <= target.freeCapacity, "room for the numbers")
        unsafe source.withUnsafeBytes { source in
            unsafe target.withUnsafeMutableBufferPointer { target, initialized in
                // Only empty spans have no address. `count` floats are free after the initialised.
                guard let from = source.baseAddress, let to = target.baseAddress else { return }
                unsafe kernel(from, to + initialized, count)
                initialized += count
            }
        }
    }
}

extension FloatDecoder {
    /// Zero is 0 and every other byte 1.
    package static let bool = unsafe FloatDecoder(merganser_decode_bool, size: 1)
    package static let unsigned8 = unsafe FloatDecoder(merganser_decode_u8, size: 1)
    package static let signed8 = unsafe FloatDecoder(merganser_decode_i8, size: 1)
    package static let unsigned16 = unsafe FloatDecoder(merganser_decode_u16, size: 2)
    package static let signed16 = unsafe FloatDecoder(merganser_decode_i16, size: 2)
    package static let unsigned32 = unsafe FloatDecoder(merganser_decode_u32, size: 4)
    package static let signed32 = unsafe FloatDecoder(merganser_decode_i32, size: 4)
    package static let unsigned64 = unsafe FloatDecoder(merganser_decode_u64, size: 8)
    package static let signed64 = unsafe FloatDecoder(merganser_decode_i64, size: 8)
    /// Four exponent bits, three of fraction, no infinities.
    package static let float8E4M3 = unsafe FloatDecoder(merganser_decode_f8_e4m3, size: 1)
    /// Five exponent bits, two of fraction: the upper byte of a float16.
    package static let float8E5M2 = unsafe FloatDecoder(merganser_decode_f8_e5m2, size: 1)
    /// Eight exponent bits and nothing else: the scales of block formats.
    package static let float8E8M0 = unsafe FloatDecoder(merganser_decode_f8_e8m0, size: 1)
    package static let bfloat16 = unsafe FloatDecoder(merganser_decode_bf16, size: 2)
    package static let float16 = unsafe FloatDecoder(merganser_decode_f16, size: 2)
    package static let float32 = unsafe FloatDecoder(merganser_decode_f32, size: 4)
    package static let float64 = unsafe FloatDecoder(merganser_decode_f64, size: 8)
}

/// Writes float32 numbers in one file format.
///
/// Rounds to nearest, ties to even; what is too large becomes infinite and a NaN stays a NaN. The
/// bytes are little-endian and need no alignment.
@safe package struct FloatEncoder: Sendable {
    private typealias Kernel =
        @convention(c) @Sendable (UnsafePointer<Float>, UnsafeMutableRawPointer, Int) -> Void

    /// The bytes of one number.
    package let size: Int
    private let kernel: Kernel

    private init(_ kernel: Kernel, size: Int) {
        unsafe self.kernel = unsafe kernel
        self.size = size
    }

    /// Replaces all bytes of `target` by the numbers in `source`.
    package func callAsFunction(_ source: Span<Float>, into target: inout MutableSpan<UInt8>) {
        precondition(target.count == source.count * size, "as many bytes as the numbers take")
        unsafe source.withUnsafeBufferPointer { source in
            unsafe target.withUnsafeMutableBufferPointer { target in
                // Only empty spans have no address. The counts agree by the precondition.
                guard let from = source.baseAddress, let to = target.baseAddress else { return }
                unsafe kernel(from, to, source.count)
            }
        }
    }
}

extension FloatEncoder {
    package static let bfloat16 = unsafe FloatEncoder(merganser_encode_bf16, size: 2)
    package static let float16 = unsafe FloatEncoder(merganser_encode_f16, size: 2)
    package static let float32 = unsafe FloatEncoder(merganser_encode_f32, size: 4)
    package static let float64 = unsafe FloatEncoder(merganser_encode_f64, size: 8)
}

extension Span where Element == Float {
    /// The first position that holds an infinity or a NaN.
    package func firstNonFinite() -> Int? {
        // A block is tested at once; only a guilty one is searched.
        for start in stride(from: 0, to: count, by: 4096) {
            let block = extracting(start..<Swift.min(start + 4096, count))
            let areFinite = unsafe block.withUnsafeBufferPointer { block in
                // A block is not empty, so it has an address, and `count` floats follow it.
                unsafe block.baseAddress.map { unsafe merganser_are_finite($0, block.count) }
            }
            if areFinite == false {
                for i in block.indices where !block[i].isFinite { return start + i }
            }
        }
        return nil
    }
}
