internal import Glibc
internal import Synchronization

/// Whether somebody asked the program to stop, by Ctrl-C or SIGTERM.
///
/// Long work looks at this between steps, saves what it has and ends. A second request does not
/// wait for that.
enum Interruption {
    /// Signals belong to the process, and so does the count of them.
    private static let requests = Atomic<Int>(0)

    /// Whether there was a request.
    static var isRequested: Bool { requests.load(ordering: .relaxed) > 0 }

    /// Takes requests from now on.
    static func install() {
        // The handler may do little: the count must be there before the first signal.
        requests.store(0, ordering: .relaxed)
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                if Interruption.requests.add(1, ordering: .relaxed).oldValue > 0 {
                    signal(number, SIG_DFL)
                    raise(number)
                }
            }
        }
    }
}
