/// Random numbers as a function of a seed and a name: the same everywhere, in any order of work.
///
/// SplitMix64 (Steele, Lea and Flood, 2014). Splitting by name instead of drawing from one stream
/// keeps results independent of scheduling: each consumer asks for its own generator.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private(set) var state: UInt64

    /// The generator of a seed.
    public init(seed: UInt64) { state = seed }

    /// A generator of its own for each name and index.
    public init(seed: UInt64, _ name: String, _ indices: Int...) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for byte in name.utf8 { mix(byte) }
        for index in indices {
            mix(0xff)
            for shift in stride(from: 0, to: 64, by: 8) {
                mix(UInt8(truncatingIfNeeded: index >> shift))
            }
        }
        state = seed ^ hash
        // Neighbouring seeds and names differ in few bits; one draw spreads them.
        state = next()
    }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// A number in `0 ..< 1`, of 24 random bits.
    public mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

    /// A number of the standard normal distribution, by the sum of twelve uniform ones.
    ///
    /// Its tails end at ±6, and it is plain arithmetic: the same bits with every math library.
    public mutating func normal() -> Float {
        (0..<12).reduce(Float(-6)) { sum, _ in sum + uniform() }
    }

    /// The numbers `0 ..< count` in random order.
    public mutating func permutation(of count: Int) -> [Int] {
        var order = Array(0..<count)
        for last in stride(from: count - 1, to: 0, by: -1) {
            // The bias of the high half of the product is below 2⁻³² for any count here.
            order.swapAt(last, Int(next().multipliedFullWidth(by: UInt64(last + 1)).high))
        }
        return order
    }
}
