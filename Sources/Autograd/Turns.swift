internal import Foundation

/// Whose turn it is to add to which sum.
///
/// Passes are numbered. At each sum they take their turns in that order, whichever thread runs them,
/// so that every sum has the same bits for any number of threads. Passes must be begun in ascending
/// order, or a waiting one could hold up all threads.
package final class Turns<Sum: Hashable & Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    // Both are only touched between lock and unlock.
    private var passesDone = 0
    private var finishedPasses: Set<Int> = []
    private var finishedAt: [Sum: Set<Int>] = [:]

    package init() {}

    /// Waits until all passes before this one are done with a sum.
    package func wait(for pass: Int, at id: Sum) {
        condition.lock()
        defer { condition.unlock() }
        while !(passesDone..<max(pass, passesDone)).allSatisfy({
            finishedPasses.contains($0) || finishedAt[id]?.contains($0) == true
        }) {
            condition.wait()
        }
    }

    /// Notes that a pass adds nothing more to a sum.
    package func finish(_ pass: Int, at id: Sum) {
        condition.lock()
        defer { condition.unlock() }
        var finished = finishedAt.removeValue(forKey: id) ?? []
        // Those that all have passed need not be remembered.
        if finished.count > 64 { finished = finished.filter { $0 >= passesDone } }
        finished.insert(pass)
        finishedAt[id] = finished
        condition.broadcast()
    }

    /// Notes that a pass has ended.
    package func finish(_ pass: Int) {
        condition.lock()
        defer { condition.unlock() }
        finishedPasses.insert(pass)
        while finishedPasses.remove(passesDone) != nil { passesDone += 1 }
        condition.broadcast()
    }
}
