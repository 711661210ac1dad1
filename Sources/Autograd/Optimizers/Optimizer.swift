public import Tensors

/// Changes parameters along their gradients, and remembers what it needs to between steps.
public enum Optimizer: Sendable, Equatable {
    /// Adam (arXiv:1412.6980), with weight decay added to the gradient.
    case adam(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, decay: Float = 0)
    /// AdamW (arXiv:1711.05101): weight decay applied to the parameter itself.
    case adamW(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, decay: Float = 0.01)
    /// Stochastic gradient descent with momentum.
    case sgd(momentum: Float = 0, decay: Float = 0)
}

/// What an optimizer remembers of one parameter: enough to continue to the bit.
public struct OptimizerState: Sendable {
    /// How many updates were made.
    public var steps: Int
    /// The running mean of gradients, or the velocity.
    public var first: Tensor
    /// The running mean of squared gradients; zeros where the optimizer has none.
    public var second: Tensor

    /// The state before the first update of a parameter of this shape.
    public init(shape: [Int]) {
        self.init(steps: 0, first: .zeros(shape), second: .zeros(shape))
    }

    /// A state that was saved.
    public init(steps: Int, first: Tensor, second: Tensor) {
        (self.steps, self.first, self.second) = (steps, first, second)
    }
}

extension Optimizer {
    /// Moves a parameter one step against its gradient.
    public func update(
        _ parameter: inout Tensor,
        gradient: Tensor,
        state: inout OptimizerState,
        rate: Float
    ) {
        state.steps += 1
        switch self {
        case .adam(let beta1, let beta2, let epsilon, let decay),
            .adamW(let beta1, let beta2, let epsilon, let decay):
            let isDecoupled = if case .adamW = self { true } else { false }
            parameter.adam(
                gradient: gradient,
                first: &state.first,
                second: &state.second,
                step: state.steps,
                rate: rate,
                beta1: beta1,
                beta2: beta2,
                epsilon: epsilon,
                coupledDecay: isDecoupled ? 0 : decay,
                decoupledDecay: isDecoupled ? decay : 0
            )
        case .sgd(let momentum, let decay):
            parameter.descend(
                gradient: gradient,
                velocity: &state.first,
                isFirstStep: state.steps == 1,
                rate: rate,
                momentum: momentum,
                decay: decay
            )
        }
    }
}
