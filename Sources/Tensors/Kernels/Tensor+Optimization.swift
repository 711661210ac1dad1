internal import CKernels

/// One step of an optimizer, in place where the tensors are not shared.
extension Tensor {
    /// Adam's update of this parameter and its moments, in PyTorch's order of operations.
    ///
    /// Updates are numbered from `step` 1. Weight decay is added to the gradient where it is
    /// coupled, as in Adam, and applied to the parameter where it is not, as in AdamW
    /// (arXiv:1711.05101).
    public mutating func adam(
        gradient: Tensor,
        first: inout Tensor,
        second: inout Tensor,
        step: Int,
        rate: Float,
        beta1: Float,
        beta2: Float,
        epsilon: Float,
        coupledDecay: Float = 0,
        decoupledDecay: Float = 0
    ) {
        precondition(gradient.count == count && first.count == count && second.count == count)
        let count = count
        let correction1 = 1 - power(Double(beta1), step)
        let correction2 = 1 - power(Double(beta2), step)
        unsafe withMutablePointer { parameter in
            unsafe first.withMutablePointer { m in
                unsafe second.withMutablePointer { v in
                    unsafe mgk_adam(
                        count,
                        rate,
                        beta1,
                        beta2,
                        epsilon,
                        coupledDecay,
                        decoupledDecay,
                        correction1,
                        correction2,
                        gradient.pointer,
                        parameter,
                        m,
                        v
                    )
                }
            }
        }
    }

    /// The update of stochastic gradient descent with momentum, as PyTorch defines it.
    public mutating func descend(
        gradient: Tensor,
        velocity: inout Tensor,
        isFirstStep: Bool,
        rate: Float,
        momentum: Float,
        decay: Float
    ) {
        precondition(gradient.count == count && velocity.count == count)
        let count = count
        unsafe withMutablePointer { parameter in
            unsafe velocity.withMutablePointer { v in
                unsafe mgk_sgd(
                    count,
                    rate,
                    momentum,
                    decay,
                    isFirstStep ? 1 : 0,
                    gradient.pointer,
                    parameter,
                    v
                )
            }
        }
    }

    private func power(_ base: Double, _ exponent: Int) -> Double {
        // Repeated squaring: the same bits with every math library.
        var (result, factor, rest) = (1.0, base, exponent)
        while rest > 0 {
            if rest % 2 == 1 { result *= factor }
            factor *= factor
            rest /= 2
        }
        return result
    }
}
