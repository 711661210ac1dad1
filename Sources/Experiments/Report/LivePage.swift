internal import Checkpoints
internal import Foundation
internal import Presentation
internal import Synchronization

/// The page of something that goes on, which a browser reads again by itself until it has ended.
///
/// A class, since any of several runs that end may write it.
final class LivePage: Sendable {
    private let file: URL
    private let page: @Sendable (_ refresh: Int?) throws -> HTMLPage
    private let last = Mutex(ContinuousClock.now - .seconds(interval))
    /// The seconds between two pages.
    private static let interval = 10

    /// A page in a file, made anew of what there is by then.
    init(_ file: URL, of page: @escaping @Sendable (_ refresh: Int?) throws -> HTMLPage) {
        (self.file, self.page) = (file, page)
    }

    /// Writes the page, unless it was written a moment ago.
    ///
    /// A page that cannot be written now is no reason to stop: it is written again at the end.
    func refresh() {
        let isDue = last.withLock { last in
            guard ContinuousClock.now - last >= .seconds(Self.interval) else { return false }
            last = .now
            return true
        }
        if isDue { try? AtomicFile.write(page(Self.interval).html, to: file) }
    }

    /// Writes the page of the end.
    func finish() throws { try AtomicFile.write(page(nil).html, to: file) }
}
