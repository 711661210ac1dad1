internal import CKernels

/// A function applied to every element between two linear maps.
public enum Activation: String, Sendable, CaseIterable {
    /// `x·Φ(x)`, Φ the normal distribution function (arXiv:1606.08415).
    case gelu
    /// The approximation of `gelu` by tanh that GPT-2 uses.
    case geluTanh = "gelu_new"
    /// `x·σ(1.702·x)`, the approximation that CLIP uses.
    case geluQuick = "quick_gelu"
    /// `x·σ(x)` (arXiv:1702.03118).
    case silu
    /// The hyperbolic tangent.
    case tanh
    /// `max(x, 0)`.
    case relu

    /// The activation that a configuration's `hidden_act` names; aliases included.
    public init?(named name: String) {
        switch name {
        case "gelu_pytorch_tanh", "gelu_fast", "gelu_accurate": self = .geluTanh
        case "swish": self = .silu
        default: self.init(rawValue: name)
        }
    }

    private var kernel:
        @convention(c) (
            Int, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?
        ) -> Void
    {
        switch self {
        case .gelu: unsafe mgk_gelu
        case .geluTanh: unsafe mgk_gelu_tanh
        case .geluQuick: unsafe mgk_gelu_quick
        case .silu: unsafe mgk_silu
        case .tanh: unsafe mgk_tanh
        case .relu: unsafe mgk_relu
        }
    }

    /// The activation of every element.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        unsafe Tensor(filling: x.shape) { unsafe kernel(x.count, x.pointer, $0, nil) }
    }

    /// The activation of every element, and its derivative there.
    ///
    /// The derivative replaces `x` in what a training step keeps, so it costs no memory and makes
    /// the way back a single product.
    public func withSlope(_ x: Tensor) -> (value: Tensor, slope: Tensor) {
        let slope = Storage(uninitialized: x.count)
        let value = unsafe Tensor(filling: x.shape) {
            unsafe kernel(x.count, x.pointer, $0, slope.buffer.baseAddress)
        }
        return (value, Tensor(shape: x.shape, storage: slope))
    }
}
