internal import Synchronization
internal import Tensors

/// What a method found out about parameters in one pass and needs again in the next.
///
/// It keeps so much as fits in a budget that does not depend on the size of the model, and computes
/// the rest again: the results are the same either way.
final class ParameterCache: Sendable {
    private struct State {
        var kept: [String: Tensor] = [:]
        var room: Int
    }

    private let state: Mutex<State>

    /// A cache of so many bytes at most.
    init(bytes: Int = 512 << 20) { state = Mutex(State(room: bytes)) }

    /// What was kept for a parameter, or is made now; after the `last` use it is kept no longer.
    func value(of name: String, last: Bool, _ make: () throws -> Tensor) rethrows -> Tensor {
        if let kept = state.withLock({ $0.kept[name] }) {
            if last {
                state.withLock { state in
                    guard let gone = state.kept.removeValue(forKey: name) else { return }
                    state.room += gone.count * MemoryLayout<Float>.stride
                }
            }
            return kept
        }
        let made = try make()
        guard !last else { return made }
        let size = made.count * MemoryLayout<Float>.stride
        state.withLock { state in
            guard state.kept[name] == nil, size <= state.room else { return }
            state.kept[name] = made
            state.room -= size
        }
        return made
    }
}
