public import Foundation
internal import Presentation

/// What there is to know of something on disk without computing anything.
public protocol Inspection: Encodable, Sendable {
    /// All of it for a terminal of so many columns; `nil` where lines may have any length.
    func text(width: Int?) -> String
}

/// Finds out what lies at a path.
public enum Inspections {
    /// Looks at a checkpoint's file, a model, an adapter, a run, statistics, or a task vector.
    ///
    /// Of checkpoints only headers are read.
    public static func of(_ url: URL) throws -> any Inspection {
        let files = FileManager.default
        func has(_ name: String) -> Bool {
            files.fileExists(atPath: url.appending(path: name).path)
        }
        if has("coefficients.json") || has("recipe.yml") { return try RunInspection(url) }
        if has("adapter_config.json") { return try AdapterInspection(url) }
        if let statistics = StatisticsInspection(url) { return statistics }
        if let vector = VectorInspection(url) { return vector }
        return try CheckpointInspection(url)
    }
}

/// A name with what is known under it, for the head of an inspection.
struct Facts: Sendable {
    private var all: [(name: String, value: String)] = []

    /// Notes a fact, where there is one.
    mutating func add(_ name: String, _ value: String?) {
        if let value, !value.isEmpty { all.append((name.printable, value.printable)) }
    }

    /// The facts below each other, wrapped where the width is short.
    func text(width: Int?) -> String {
        let margin = (all.map(\.name.displayWidth).max() ?? 0) + 2
        let room = width.map { max($0 - margin, 16) } ?? .max
        return all.map { name, value in
            value.wrapped(toWidth: room).enumerated().map { index, line in
                (index == 0 ? name : "").padded(toWidth: margin) + line + "\n"
            }.joined()
        }.joined()
    }
}
