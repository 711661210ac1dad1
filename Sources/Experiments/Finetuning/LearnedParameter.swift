internal import Autograd
internal import Synchronization
internal import Tensors

/// A parameter that is learned, with what the optimizer remembers of it.
///
/// A reference, so that workers can change parameters in place side by side.
final class LearnedParameter: Sendable {
    /// A name of the model's class, or one such as `encoder.layer.0.…query.lora_A.weight`.
    let name: String
    let shape: [Int]
    private let content: Mutex<Content>

    /// The numbers that a resume needs.
    struct Content: Sendable {
        var value: Tensor
        var optimizer: OptimizerState
    }

    init(_ name: String, _ value: Tensor) {
        (self.name, shape) = (name, value.shape)
        content = Mutex(Content(value: value, optimizer: OptimizerState(shape: value.shape)))
    }

    /// The numbers now.
    var now: Content { content.withLock { $0 } }

    /// Puts saved numbers in the place of the first ones.
    func restore(_ saved: Content) { content.withLock { $0 = saved } }

    /// Moves the parameter one step against its gradient.
    func update(by optimizer: Optimizer, gradient: Tensor, rate: Float) {
        content.withLock {
            optimizer.update(&$0.value, gradient: gradient, state: &$0.optimizer, rate: rate)
        }
    }

    /// Whether weight decay acts on it.
    ///
    /// As with transformers' `Trainer`, all but biases and the scales of norms.
    var decays: Bool {
        let parts = name.lowercased().split(separator: ".")
        return parts.last != "bias"
            && !parts.dropLast().contains { part in
                part.hasSuffix("norm") || part.hasPrefix("layernorm") || part.hasPrefix("ln_")
            }
    }
}
