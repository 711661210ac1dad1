internal import Foundation
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

    /// `x + y ∘ s`, with every row of `y` scaled by the same numbers: `dx = dz`, `dy = dz ∘ s`,
    /// `ds = Σ dz ∘ y`.
    ///
    /// # Shapes
    /// `x`, `y` and the result `[rows, width]`, `s` `[width]`.
    public func adding(_ other: Variable, scaledBy factors: Variable) -> Variable {
        let (y, s) = (other.value, factors.value)
        return Variable(y.multiplyingRow(s, adding: value), from: self, other, factors) { dz in
            [.tensor(dz), .tensor(dz.multiplyingRow(s)), .tensor(dz * y)]
        }
    }

    /// The matrix with a row added to some of its rows: `drow = Σ dy` of these.
    ///
    /// # Shapes
    /// `[rows, width]` and the result; the row has `width` elements.
    public func adding(_ row: Variable, toRows indices: [Int32]) -> Variable {
        let repeated = Tensor.zeros([indices.count, value.rowWidth]).addingRow(row.value)
        var sum = value
        sum.add(rows: repeated, at: indices)
        return Variable(sum, from: self, row) { dy in [.tensor(dy), .tensor(dy.rows(indices))] }
    }

    /// `eˢ·x` for a learned scalar `s`: `dx = eˢ·dy`, `ds = Σ dy ∘ y`.
    public func scaled(byExponentialOf exponent: Variable) -> Variable {
        let factor = exp(exponent.value[0])
        let y = value * factor
        return Variable(y, from: self, exponent) { dy in
            [.tensor(dy * factor), .tensor(Tensor(Float(dy.dot(y))))]
        }
    }

    /// An activation, element by element: `dx = dy · f′(x)`.
    public func activated(by activation: Activation) -> Variable {
        guard isTracked else { return Variable(constant: activation(value)) }
        let (y, slope) = activation.withSlope(value)
        return Variable(y, from: self) { dy in [.tensor(dy * slope)] }
    }
}
