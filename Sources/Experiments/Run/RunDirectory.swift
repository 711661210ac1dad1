public import Foundation

/// Where the files of a run lie.
public struct RunDirectory: Sendable {
    /// The directory.
    public let url: URL

    /// A run in a directory, which need not exist yet.
    public init(_ url: URL) { self.url = url.standardizedFileURL }

    var recipe: URL { url.appending(path: "recipe.yml") }
    var coefficients: URL { url.appending(path: "coefficients.json") }
    var history: URL { url.appending(path: "history.jsonl") }
    var trajectory: URL { url.appending(path: "trajectory.safetensors") }
    var evaluation: URL { url.appending(path: "evaluation.json") }
    /// The answers that the scores are made of.
    var answers: URL { url.appending(path: "answers.safetensors") }
    /// The run as tables and plots: written while it learns, and at its end.
    var report: URL { url.appending(path: "report.html") }
    var state: URL { url.appending(path: "state.safetensors") }
    var lock: URL { url.appending(path: "lock.json") }
    /// The merge that coefficients are learned around, where that is not the base.
    var start: URL { url.appending(path: "start") }
    /// What was collected for the first coefficients.
    var statistics: URL { url.appending(path: "statistics") }

    func has(_ file: URL) -> Bool { FileManager.default.fileExists(atPath: file.path) }
}

/// How all files of a run are encoded.
enum RunJSON {
    static func encode(_ value: some Encodable, pretty: Bool = true) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting =
            pretty
            ? [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            : [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity",
            negativeInfinity: "-Infinity",
            nan: "NaN"
        )
        return try encoder.encode(value)
    }

    static func decode<T: Decodable>(_ type: T.Type, from url: URL) throws -> T {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "Infinity",
            negativeInfinity: "-Infinity",
            nan: "NaN"
        )
        do { return try decoder.decode(type, from: Data(contentsOf: url)) } catch {
            throw ExperimentError.notARun(
                url.deletingLastPathComponent().path,
                reason: "\(url.lastPathComponent) is missing or cannot be read"
            )
        }
    }
}
