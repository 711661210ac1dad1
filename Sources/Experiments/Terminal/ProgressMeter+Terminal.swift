internal import Foundation

extension ProgressMeter {
    /// A meter on the standard error: a bar where that is a terminal, else lines; where it is to be
    /// quiet, only sentences.
    public convenience init(isQuiet: Bool) {
        let start = ContinuousClock.now
        self.init(
            isQuiet ? .silent : Terminal.error.showsBars ? .bar : .lines,
            output: Output(
                width: { Terminal.error.width ?? 80 },
                now: { (ContinuousClock.now - start) / .seconds(1) },
                write: { try? FileHandle.standardError.write(contentsOf: Data($0.utf8)) }
            )
        )
    }

    /// What work reports to, so that it is shown here; `isCancelled` tells it when to stop.
    public func observer(isCancelled: @escaping @Sendable () -> Bool = { false }) -> Observer {
        Observer(
            begin: { self.begin($0, $1) },
            advance: { self.advance($0) },
            warn: { self.tell("merganser: \($0)") },
            isCancelled: isCancelled
        )
    }
}
