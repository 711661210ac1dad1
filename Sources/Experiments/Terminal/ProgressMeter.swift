internal import Presentation
internal import Synchronization

/// Shows how far work has come, phase after phase.
///
/// On a terminal that is a bar, drawn at most ten times a second and erased without trace; in a log
/// a line every ten seconds and one at the end of each phase. Any thread may report.
public final class ProgressMeter: Sendable {
    /// Where progress is shown.
    public enum Style: Sendable {
        /// A bar on a terminal.
        case bar
        /// Lines of a log.
        case lines
        /// Nowhere; sentences are still told.
        case silent

        var interval: Double { self == .bar ? 0.1 : 10 }
    }

    /// The surroundings, which a test puts others in the place of.
    package struct Output: Sendable {
        /// The columns of the terminal, asked anew for every bar: windows change.
        package var width: @Sendable () -> Int
        /// The time in seconds since whenever.
        package var now: @Sendable () -> Double
        package var write: @Sendable (String) -> Void

        package init(
            width: @escaping @Sendable () -> Int,
            now: @escaping @Sendable () -> Double,
            write: @escaping @Sendable (String) -> Void
        ) {
            (self.width, self.now, self.write) = (width, now, write)
        }
    }

    private struct Phase {
        let title: String
        let total: Int
        var done = 0
        /// When counting began, and what had been done by then.
        var origin: (time: Double, done: Int)
        var lastShown: Double
    }

    private struct State {
        var phase: Phase?
        var isBarShown = false
    }

    private let style: Style
    private let output: Output
    private let state = Mutex(State())

    package init(_ style: Style, output: Output) { (self.style, self.output) = (style, output) }

    deinit { state.withLock { erase(&$0) } }

    /// Begins a phase of so many units, 0 where their number is not known, and ends the one before.
    public func begin(_ title: String, _ total: Int) {
        state.withLock { state in
            close(&state)
            let now = output.now()
            state.phase = Phase(
                title: title.printable,
                total: total,
                origin: (now, 0),
                // A bar shows at once that something begins; a log waits until there is news.
                lastShown: style == .bar ? -.infinity : now
            )
            show(&state)
        }
    }

    /// Counts units that are done.
    public func advance(_ units: Int = 1) {
        state.withLock { state in
            guard var phase = state.phase else { return }
            phase.done += units
            let now = output.now()
            // What is done at once was done before: a run that is resumed says so at its start.
            if now - phase.origin.time < 0.02 { phase.origin.done = phase.done }
            state.phase = phase
            if now - phase.lastShown >= style.interval { show(&state) }
        }
    }

    /// Tells a sentence on a line of its own.
    public func tell(_ sentence: String) {
        state.withLock { state in
            erase(&state)
            output.write(sentence + "\n")
            show(&state)
        }
    }

    /// Ends the last phase.
    public func end() { state.withLock { close(&$0) } }

    /// Takes the bar away and forgets the phase, whose work has failed.
    public func abandon() {
        state.withLock { state in
            erase(&state)
            state.phase = nil
        }
    }
}

extension ProgressMeter {
    private func line(_ phase: Phase) -> ProgressLine {
        let counted = phase.done - phase.origin.done
        let elapsed = output.now() - phase.origin.time
        return ProgressLine(
            title: phase.title,
            done: phase.done,
            total: phase.total,
            rate: counted > 0 && elapsed > 0 ? Double(counted) / elapsed : nil
        )
    }

    private func show(_ state: inout State) {
        guard let phase = state.phase else { return }
        let now = output.now()
        switch style {
        case .bar:
            // The last column stays free: a terminal would begin a new line behind it.
            output.write("\r\(line(phase).bar(width: output.width() - 1))\u{1B}[K")
            state.isBarShown = true
        case .lines where now - phase.lastShown >= style.interval:
            output.write(line(phase).plain + "\n")
        default: return
        }
        state.phase?.lastShown = now
    }

    private func erase(_ state: inout State) {
        if state.isBarShown { output.write("\r\u{1B}[K") }
        state.isBarShown = false
    }

    private func close(_ state: inout State) {
        erase(&state)
        if style == .lines, let phase = state.phase {
            let elapsed = NumberText.duration(output.now() - phase.origin.time)
            let count = phase.done > 0 ? "\(NumberText.grouped(phase.done)) in " : ""
            output.write("\(phase.title): \(count)\(elapsed)\n")
        }
        state.phase = nil
    }
}
