internal import Autograd
package import Tensors

/// A function of one matrix, with its gradient.
package protocol MatrixObjective: Sendable {
    /// The function's value, in double.
    func value(at point: Tensor) -> Double
    /// Its derivative by every element.
    func gradient(at point: Tensor) -> Tensor
}

/// How a method descends: by Adam (arXiv:1412.6980), in so many steps of the same size.
package struct Descent: Sendable {
    /// The number of steps.
    package var steps: Int
    /// Adam's step size.
    package var rate: Double

    /// A descent in so many steps.
    package init(steps: Int, rate: Double) { (self.steps, self.rate) = (steps, rate) }

    /// Where the descent leads from a point, along what `gradient` says of each point.
    ///
    /// `watch` sees the start as number 0, and the point after every step.
    package func run(
        from start: Tensor,
        watch: (Int, Tensor) -> Void = { _, _ in },
        gradient: (Tensor) -> Tensor
    ) -> Tensor {
        var (point, state) = (start, OptimizerState(shape: start.shape))
        watch(0, point)
        for step in 0..<steps {
            Optimizer.adam()
                .update(&point, gradient: gradient(point), state: &state, rate: Float(rate))
            watch(step + 1, point)
        }
        return point
    }
}

extension Descent {
    /// The descent that the options of a parameter ask for.
    init(_ options: MergeOptions, _ parameter: String, steps: String = "num_steps") throws {
        self.init(
            steps: Int(try options.number(steps, parameter)),
            rate: try options.number("lr", parameter)
        )
    }

    /// The options of a descent.
    static func options(steps: Int, named name: String = "num_steps", rate: Double) -> [MergeOption]
    {
        [
            MergeOption(
                name,
                .merge,
                .steps,
                default: .number(Double(steps)),
                "how many steps Adam makes for each matrix"
            ),
            MergeOption(
                "lr",
                .merge,
                .amounts,
                default: .number(rate),
                "Adam's step size, about how far an entry moves in a step"
            ),
        ]
    }
}
