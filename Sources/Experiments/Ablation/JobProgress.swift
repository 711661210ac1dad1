internal import Synchronization

/// Counts what a job does in steps of learning, so that one bar and one estimate serve all jobs.
///
/// A class, since the job's own phases report to it from any thread.
final class JobProgress: Sendable {
    private let job: AblationJob
    private let outer: Observer
    private let state = Mutex((isLearning: false, steps: 0))

    init(_ job: AblationJob, _ observer: Observer) { (self.job, outer) = (job, observer) }

    /// What the job reports to.
    var observer: Observer {
        Observer(
            begin: { title, _ in self.state.withLock { $0.isLearning = title == "learning" } },
            advance: { units in
                let counted = self.state.withLock { state in
                    let steps = self.job.effort - AblationJob.scoring
                    let counted = state.isLearning ? min(units, steps - state.steps) : 0
                    state.steps += counted
                    return counted
                }
                if counted > 0 { self.outer.advance(counted) }
            },
            warn: { self.outer.warn("\(self.job.title): \($0)") },
            isCancelled: outer.isCancelled
        )
    }

    /// Counts the rest.
    func finish() {
        let rest = state.withLock { state in
            defer { state.steps = job.effort }
            return job.effort - state.steps
        }
        if rest > 0 { outer.advance(rest) }
    }
}
