internal import CKernels
internal import Synchronization

/// A tensor that contributions are added to in place: the one gradient of a parameter in memory.
///
/// Adding is serialised; callers who need the same bits in every run also fix the order.
public final class Accumulator: Sendable {
    /// The shape of the sum.
    public let shape: [Int]
    private let state: Mutex<Tensor?>

    /// A sum that starts from zero; memory is taken with the first contribution.
    public init(_ shape: [Int]) {
        self.shape = shape
        state = Mutex(nil)
    }

    /// Adds `factor · tensor`, of this shape or of one whose leading dimensions sum away.
    public func add(_ tensor: Tensor, times factor: Float = 1) {
        state.withLock { sum in
            let part = tensor.summed(to: shape)
            if sum == nil { sum = .zeros(shape) }
            sum?.add(part, times: factor)
        }
    }

    /// Adds `aᵀ·b`, the shape of a weight's gradient, without forming it apart.
    ///
    /// # Shapes
    /// `a` `[rows, outputs]`, `b` `[rows, inputs]`, the sum `[outputs, inputs]`.
    public func add(productOf a: Tensor, transposedWith b: Tensor) {
        let (outputs, inputs) = (shape[0], rowWidth)
        let rows = a.count / max(outputs, 1)
        precondition(a.count == rows * outputs && b.count == rows * inputs)
        state.withLock { state in
            // The first product writes the sum, so nothing has to be zero before. Only the lock's
            // holder sees the sum, so it is the sole owner of its memory.
            let beta: Float = state == nil ? 0 : 1
            var sum =
                state
                ?? Tensor(shape: shape, storage: Storage(uninitialized: outputs * inputs))
            state = nil
            unsafe sum.withMutablePointer { out in
                unsafe BLAS.multiply(
                    MatrixView(a.pointer, stride: outputs, transposed: true),
                    MatrixView(b.pointer, stride: inputs),
                    into: out,
                    stride: inputs,
                    m: outputs,
                    n: inputs,
                    k: rows,
                    beta: beta
                )
            }
            state = sum
        }
    }

    /// Adds row `i` of `rows` to row `indices[i]` of the sum.
    public func add(rows: Tensor, at indices: [Int32]) {
        state.withLock { state in
            var sum = state ?? .zeros(shape)
            state = nil
            sum.add(rows: rows, at: indices)
            state = sum
        }
    }

    /// The sum so far; zeros where nothing was added.
    public var value: Tensor { state.withLock { $0 } ?? .zeros(shape) }

    /// Whether nothing was added yet.
    public var isEmpty: Bool { state.withLock { $0 == nil } }

    /// Sets the sum to zero again and keeps its memory.
    public func reset() {
        state.withLock { state in
            guard var sum = state else { return }
            state = nil
            let count = sum.count
            unsafe sum.withMutablePointer { unsafe $0.update(repeating: 0, count: count) }
            state = sum
        }
    }

    private var rowWidth: Int { shape.dropFirst().reduce(1, *) }
}
