internal import Synchronization

/// A parameter's rule, made when it is first asked for; whoever asks meanwhile waits.
///
/// A rule may hold as much as the parameter: it is dropped after so many uses as are foreseen, one for
/// each block, and made again should there be more.
final class LazyRule: Sendable {
    private struct State {
        var rule: MergeMethod.Rule?
        var uses = 0
    }

    private let state = Mutex(State())
    private let uses: Int
    private let make: @Sendable () throws -> MergeMethod.Rule

    init(uses: Int, _ make: @escaping @Sendable () throws -> MergeMethod.Rule) {
        (self.uses, self.make) = (uses, make)
    }

    func value() throws -> MergeMethod.Rule {
        try state.withLock { state in
            if let rule = state.rule { return rule }
            let made = try make()
            state.rule = made
            return made
        }
    }

    /// Counts a use.
    func release() {
        state.withLock { state in
            state.uses += 1
            guard state.uses == uses else { return }
            (state.rule, state.uses) = (nil, 0)
        }
    }
}
