internal import Checkpoints
internal import Foundation
internal import Presentation
internal import Synchronization

/// The page of an experiment while it runs, which a browser reads again by itself.
///
/// A class, since any job that ends may write it.
final class LivePage: Sendable {
    private let index: ExperimentIndex
    private let results: ResultsDirectory
    private let last = Mutex(ContinuousClock.now - .seconds(60))
    /// The seconds between two pages.
    static let interval = 10

    init(_ index: ExperimentIndex, _ results: ResultsDirectory) {
        (self.index, self.results) = (index, results)
    }

    /// Writes the page, unless it was written a moment ago.
    ///
    /// A page that cannot be written now is no reason to stop: it is written again at the end.
    func refresh() {
        let isDue = last.withLock { last in
            guard ContinuousClock.now - last > .seconds(Self.interval) else { return false }
            last = .now
            return true
        }
        guard isDue, let found = try? ExperimentResults(index, in: results) else { return }
        try? AtomicFile.write(found.page(refresh: Self.interval).html, to: results.report)
    }
}
