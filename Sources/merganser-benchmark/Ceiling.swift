import Tensors

/// The rate of float32 matrix products that this machine reaches now: what every other figure is
/// compared with.
///
/// The machine may be shared, so its rate drifts: a workload measures the ceiling again right before
/// and right after what it times.
struct Ceiling {
    private typealias Shape = (m: Int, n: Int, k: Int)

    let workers: Workers
    private let shape: Shape

    /// Finds which of the shapes that models use runs fastest.
    init(_ workers: Workers) throws {
        self.workers = workers
        let shapes: [Shape] = [(512, 1536, 384), (512, 384, 1536), (1024, 768, 768)]
        let rates = try shapes.map { shape in
            try (0..<5).map { _ in try Self.rate(shape, workers) }.median
        }
        shape = zip(shapes, rates).max { $0.1 < $1.1 }?.0 ?? shapes[0]
    }

    /// Floating-point operations per second, over about a fifth of a second.
    func measure() throws -> Double { try Self.rate(shape, workers) }

    private static func rate(_ shape: Shape, _ workers: Workers) throws -> Double {
        var generator = SeededGenerator(seed: 0, "ceiling")
        func random(_ shape: [Int]) -> Tensor {
            Tensor(shape) { output in
                for _ in 0..<shape.reduce(1, *) { output.append(generator.uniform() - 0.5) }
            }
        }
        let (x, w) = (random([shape.m, shape.k]), random([shape.n, shape.k]))
        let count = 64
        let time = try timed {
            try workers.forEach(count) { _ in _ = Tensor.linear(x, w) }
        }
        return Double(2 * shape.m * shape.n * shape.k * count) / time
    }
}
