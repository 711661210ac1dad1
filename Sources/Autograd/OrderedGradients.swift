public import Tensors
internal import Synchronization

/// One gradient per parameter, which many backward passes add to at the same time and in order.
///
/// The passes of a step are numbered. A pass that reaches a parameter before a lower-numbered one
/// has finished with it waits for that pass, so the order of every sum, and with it every bit of
/// the result, is the same for any number of threads. In practice passes run staggered and hardly
/// wait. Passes must be begun in ascending order, or a waiting one could hold up all threads.
public final class OrderedGradients: Sendable {
    private let accumulators = Mutex<[Variable.ID: Accumulator]>([:])
    private let turns = Turns<Variable.ID>()

    /// Gradients of whatever parameters the passes meet, all zero.
    public init() {}

    /// Adds the gradient of `root` by every parameter; `pass` numbers the passes from 0.
    public func add(_ root: Variable, cotangent: Tensor = Tensor(1), pass: Int) {
        root.pullBack(cotangent) { leaf, contribution, isLast in
            let accumulator = accumulators.withLock { table in
                if let known = table[leaf.id] { return known }
                let new = Accumulator(leaf.shape)
                table[leaf.id] = new
                return new
            }
            turns.wait(for: pass, at: leaf.id)
            accumulator.add(contribution)
            if isLast { turns.finish(pass, at: leaf.id) }
        }
        turns.finish(pass)
    }

    /// Lets later passes go on without this one, whose objective could not be computed.
    public func skip(pass: Int) { turns.finish(pass) }

    /// The gradient by a parameter, over all passes so far; `nil` where none met it.
    public subscript(variable: Variable) -> Tensor? {
        variable.id.flatMap { id in accumulators.withLock { $0[id] }?.value }
    }
}
