import Tensors

/// The rate of float32 matrix products that this machine reaches now, in floating-point operations
/// per second: what every other figure is compared with.
struct Ceiling {
    /// The best of several rounds of products of the shapes that the models use.
    static func measure(_ workers: Workers, rounds: Int = 5) throws -> Double {
        let shapes = [(m: 512, n: 1536, k: 384), (512, 384, 1536), (1024, 768, 768)]
        var best = 0.0
        for (m, n, k) in shapes {
            let x = Tensor([m, k], repeating: 0.5)
            let w = Tensor([n, k], repeating: 0.25)
            let count = 64
            for _ in 0..<rounds {
                let time = try seconds {
                    try workers.forEach(count) { _ in _ = Tensor.linear(x, w) }
                }
                best = max(best, Double(2 * m * n * k * count) / time)
            }
        }
        return best
    }
}
