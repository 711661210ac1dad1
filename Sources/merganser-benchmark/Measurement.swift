import Foundation

/// One workload's result, as `--json` prints it.
struct Measurement: Codable {
    var workload: String
    var seconds: Double
    var floorSeconds: Double
    var ofCeiling: Double
    var anonymousBytes: Int
    /// The fractions of the time that phases of a step take, where it has phases.
    var shares: [String: Double]?
    /// What the time is compared with, and how many times as much it is.
    var reference: String?
    var timesReference: Double?

    enum CodingKeys: String, CodingKey {
        case workload, seconds, shares, reference
        case timesReference = "times_reference"
        case floorSeconds = "floor_seconds"
        case ofCeiling = "of_ceiling"
        case anonymousBytes = "anonymous_bytes"
    }

    /// The medians of repeated runs, each with the least time that the machine needed just then.
    init(_ workload: String, runs: [(seconds: Double, floor: Double)]) {
        self.workload = workload
        seconds = runs.map(\.seconds).median
        ofCeiling = runs.map { $0.floor / $0.seconds }.median
        floorSeconds = seconds * ofCeiling
        anonymousBytes = ResidentMemory.anonymous
    }

    /// The median of a piece of work that is timed in turns with what it is compared with.
    init(
        _ workload: String,
        against reference: String,
        steps: Int,
        _ plain: () throws -> Void,
        work: () throws -> Void
    ) rethrows {
        let runs = try (0...steps).map { _ in (plain: try timed(plain), work: try timed(work)) }
            .dropFirst()
        self.init(workload, runs: runs.map { ($0.work, $0.plain) })
        self.reference = reference
        timesReference = runs.map { $0.work / $0.plain }.median
    }
}

/// The resident memory of this process that belongs to no file.
enum ResidentMemory {
    /// `RssAnon` of `/proc/self/status`, in bytes: what the process holds now, which is all that it
    /// ever held, since freed memory is kept for the next step.
    static var anonymous: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        let kilobytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first
        return (kilobytes.flatMap { Int($0) } ?? 0) * 1024
    }
}

/// The time that a piece of work takes, in seconds.
func timed(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return (ContinuousClock.now - start) / .seconds(1)
}

extension [Double] {
    var median: Double { sorted()[count / 2] }
}
