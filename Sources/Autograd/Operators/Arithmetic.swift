public import Tensors

/// Elementwise arithmetic.
extension Variable {
    /// The sum; the second may lack leading dimensions, over which it is then repeated.
    public static func + (a: Variable, b: Variable) -> Variable {
        let sum = a.value.count == b.value.count ? a.value + b.value : a.value.addingRow(b.value)
        return Variable(sum.reshaped(a.shape), from: a, b) { dy in [.tensor(dy), .tensor(dy)] }
    }

    /// The difference of two values of one shape.
    public static func - (a: Variable, b: Variable) -> Variable {
        Variable(a.value - b.value, from: a, b) { dy in [.tensor(dy), .tensor(dy * -1)] }
    }

    /// The elementwise product of two values of one shape.
    public static func * (a: Variable, b: Variable) -> Variable {
        let (x, y) = (a.value, b.value)
        return Variable(x * y, from: a, b) { dy in [.tensor(dy * y), .tensor(dy * x)] }
    }

    /// Every element times one number.
    public static func * (a: Variable, factor: Float) -> Variable {
        Variable(a.value * factor, from: a) { dy in [.tensor(dy * factor)] }
    }

    /// An activation, element by element: `dx = dy · f′(x)`.
    public func activated(by activation: Activation) -> Variable {
        guard isTracked else { return Variable(constant: activation(value)) }
        let (y, slope) = activation.withSlope(value)
        return Variable(y, from: self) { dy in [.tensor(dy * slope)] }
    }
}
