/// A yes or no for each element of a tensor, in a bit each.
public struct BitMask: Sendable, Equatable {
    /// The number of elements.
    public let count: Int
    /// The bits in row-major order, the first in the lowest of a byte.
    public let bytes: [UInt8]

    /// Yes where an element is above 0.
    public init(positive tensor: Tensor) {
        count = tensor.count
        bytes = tensor.withSpan { span in
            stride(from: 0, to: span.count, by: 8).map { start in
                var byte: UInt8 = 0
                for bit in 0..<min(8, span.count - start) where span[start + bit] > 0 {
                    byte |= 1 << bit
                }
                return byte
            }
        }
    }

    /// The mask of stored bits; `nil` unless there is a byte for every eight elements.
    public init?(bytes: [UInt8], count: Int) {
        guard bytes.count == (count + 7) / 8 else { return nil }
        (self.bytes, self.count) = (bytes, count)
    }

    /// 1 for every yes and 0 for every no of some elements.
    public func elements(in range: Range<Int>) -> Tensor {
        Tensor([range.count]) { output in
            for i in range { output.append(bytes[i / 8] >> UInt8(i % 8) & 1 == 1 ? 1 : 0) }
        }
    }
}
