public import Tensors

/// A contribution to a gradient, in the form that its operator has at hand.
///
/// The gradient of a weight is a product over all rows of a batch. Handing over its factors instead
/// of the product lets the receiver add it to the one gradient in memory with a single call, form
/// it example by example, or not form it at all.
public enum Cotangent: Sendable {
    /// The gradient itself; its leading dimensions may exceed the value's and are then summed.
    case tensor(Tensor)
    /// `aᵀ·b` of `a` `[rows, outputs]` and `b` `[rows, inputs]`.
    case product(Tensor, Tensor)
    /// `dy·W`: what flows back through a linear map of weight `W` to its input.
    case linear(Tensor, Tensor)
    /// Rows that belong at the given positions of an otherwise zero matrix.
    case rows(Tensor, at: [Int32])
    /// Nothing: the operator's result does not depend on this input.
    case zero

    /// The gradient as a tensor of the given shape.
    public func tensor(of shape: [Int]) -> Tensor {
        switch self {
        case .tensor(let tensor): return tensor.summed(to: shape)
        case .product(let a, let b):
            let (outputs, inputs) = (shape[0], shape.dropFirst().reduce(1, *))
            return Tensor.matmul(
                a.reshaped([a.count / outputs, outputs]),
                b.reshaped([b.count / inputs, inputs]),
                transposingA: true
            ).reshaped(shape)
        case .linear(let dy, let weight): return Tensor.linearPullback(dy, weight).reshaped(shape)
        case .rows(let rows, let indices):
            var result = Tensor.zeros(shape)
            result.add(rows: rows, at: indices)
            return result
        case .zero: return .zeros(shape)
        }
    }
}

extension Tensor {
    /// Adds a contribution to a gradient of this shape, a product without forming it apart.
    mutating func add(_ cotangent: Cotangent) {
        switch cotangent {
        case .linear(let dy, let weight): add(linearPullbackOf: dy, weight)
        case .rows(let rows, let indices): add(rows: rows, at: indices)
        case .tensor, .product: add(cotangent.tensor(of: shape))
        case .zero: break
        }
    }
}

extension Accumulator {
    /// Adds a contribution in whatever form it comes.
    public func add(_ cotangent: Cotangent) {
        switch cotangent {
        case .tensor(let tensor): add(tensor)
        case .linear: add(cotangent.tensor(of: shape))
        case .product(let a, let b): add(productOf: a, transposedWith: b)
        case .rows(let rows, let indices): add(rows: rows, at: indices)
        case .zero: break
        }
    }
}
