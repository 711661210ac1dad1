public import Foundation
internal import Synchronization

/// What several runs of one process have in common, kept by name: data that are read and tokenized,
/// what experts answer, hashes of input files.
///
/// A name says everything that its value depends on. A class, because runs share it.
public final class SharedWork: Sendable {
    private let values = Mutex<[String: any Sendable]>([:])
    /// Where statistics are kept that several runs need; `nil` for the directory of each run.
    let statistics: URL?

    /// Nothing is known yet.
    public init(statistics: URL? = nil) { self.statistics = statistics }

    /// The value of a name, made if it is not known.
    ///
    /// Two that ask at the same time may both make it.
    func value<Value: Sendable>(_ name: String, _ make: () throws -> Value) rethrows -> Value {
        if let known = values.withLock({ $0[name] as? Value }) { return known }
        let value = try make()
        values.withLock { $0[name] = value }
        return value
    }
}
