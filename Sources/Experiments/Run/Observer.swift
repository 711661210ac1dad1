/// How long work tells what it does, and learns that it should stop.
public struct Observer: Sendable {
    /// A phase of so many units begins; 0 where their number is not known.
    public var begin: @Sendable (_ title: String, _ units: Int) -> Void
    /// So many units are done.
    public var advance: @Sendable (_ units: Int) -> Void
    /// Something that people should know, such as a task that collapses.
    public var warn: @Sendable (_ sentence: String) -> Void
    /// Whether to stop at the next safe point.
    public var isCancelled: @Sendable () -> Bool

    /// An observer that is told nothing and never stops unless told otherwise.
    public init(
        begin: @escaping @Sendable (String, Int) -> Void = { _, _ in },
        advance: @escaping @Sendable (Int) -> Void = { _ in },
        warn: @escaping @Sendable (String) -> Void = { _ in },
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        (self.begin, self.advance) = (begin, advance)
        (self.warn, self.isCancelled) = (warn, isCancelled)
    }
}
