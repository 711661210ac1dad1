internal import Dispatch
internal import Synchronization

/// The processor cores that a computation may use.
///
/// Work is cut into pieces that do not depend on the number of workers, handed out in order, and
/// whatever is summed is summed in that order: results have the same bits for any number.
public struct Workers: Sendable {
    /// How many run at the same time.
    public let count: Int

    /// At least one worker.
    public init(_ count: Int) { self.count = max(1, count) }

    /// One per core that this process may run on.
    public static var all: Workers { Workers(activeProcessorCount()) }

    /// Runs `body` for every piece, the pieces handed out in ascending order.
    ///
    /// After an error the remaining pieces are not begun; the error of the lowest piece is thrown.
    public func forEach(_ pieces: Int, _ body: @Sendable (Int) throws -> Void) throws {
        guard count > 1, pieces > 1 else {
            for piece in 0..<pieces { try body(piece) }
            return
        }
        let next = Atomic<Int>(0)
        let failure = Mutex<(piece: Int, error: any Error)?>(nil)
        DispatchQueue.concurrentPerform(iterations: min(count, pieces)) { _ in
            while true {
                let piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard piece < pieces else { return }
                do { try body(piece) } catch {
                    failure.withLock { known in
                        if piece < known?.piece ?? .max { known = (piece, error) }
                    }
                    next.store(pieces, ordering: .relaxed)
                }
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure.error }
    }

    /// The results of `body` for every piece, in order.
    public func map<T: Sendable>(_ pieces: Int, _ body: @Sendable (Int) throws -> T) throws -> [T] {
        let results = Mutex<[T?]>(Array(repeating: nil, count: pieces))
        try forEach(pieces) { piece in
            let result = try body(piece)
            results.withLock { $0[piece] = result }
        }
        return results.withLock { $0.compactMap { $0 } }
    }
}
