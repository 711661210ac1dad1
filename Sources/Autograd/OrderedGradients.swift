public import Tensors
internal import Foundation
internal import Synchronization

/// One gradient per parameter, which many backward passes add to at the same time and in order.
///
/// The passes of a step are numbered. A pass that reaches a parameter before a lower-numbered one
/// has finished with it waits for that pass, so the order of every sum, and with it every bit of
/// the result, is the same for any number of threads. In practice passes run staggered and hardly
/// wait. Passes must be begun in ascending order, or a waiting one could hold up all threads.
public final class OrderedGradients: Sendable {
    private let accumulators = Mutex<[Variable.ID: Accumulator]>([:])
    private let turns = Turns()

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

/// Who may add to which parameter.
private final class Turns: @unchecked Sendable {
    private let condition = NSCondition()
    // Both are only touched between lock and unlock.
    private var passesDone = 0
    private var finishedPasses: Set<Int> = []
    private var finishedAt: [Variable.ID: Set<Int>] = [:]

    func wait(for pass: Int, at id: Variable.ID) {
        condition.lock()
        defer { condition.unlock() }
        while !(passesDone..<max(pass, passesDone)).allSatisfy({
            finishedPasses.contains($0) || finishedAt[id]?.contains($0) == true
        }) {
            condition.wait()
        }
    }

    func finish(_ pass: Int, at id: Variable.ID) {
        condition.lock()
        defer { condition.unlock() }
        finishedAt[id, default: []].insert(pass)
        condition.broadcast()
    }

    func finish(_ pass: Int) {
        condition.lock()
        defer { condition.unlock() }
        finishedPasses.insert(pass)
        while finishedPasses.remove(passesDone) != nil { passesDone += 1 }
        condition.broadcast()
    }
}
