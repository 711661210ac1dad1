internal import Synchronization

/// A value that is computed when it is first asked for, and once.
final class Deferred<Value: Sendable>: Sendable {
    private let compute: @Sendable () -> Value
    private let known: Mutex<Value?> = Mutex(nil)

    init(_ compute: @escaping @Sendable () -> Value) { self.compute = compute }

    var value: Value {
        known.withLock { known in
            let value = known ?? compute()
            known = value
            return value
        }
    }
}
