import Foundation

/// One workload's result, as `--json` prints it.
struct Measurement: Codable {
    var workload: String
    var seconds: Double
    var floorSeconds: Double?
    var ofCeiling: Double?
    var anonymousBytes: Int?

    enum CodingKeys: String, CodingKey {
        case workload, seconds
        case floorSeconds = "floor_seconds"
        case ofCeiling = "of_ceiling"
        case anonymousBytes = "anonymous_bytes"
    }
}

/// The resident memory of this process that belongs to no file, now and at its peak.
enum ResidentMemory {
    /// `RssAnon` of `/proc/self/status`, in bytes.
    static var anonymous: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        let kilobytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first
        return (kilobytes.flatMap { Int($0) } ?? 0) * 1024
    }
}

/// The time that a piece of work takes, in seconds.
func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return (ContinuousClock.now - start) / .seconds(1)
}

extension [Double] {
    var median: Double { sorted()[count / 2] }
}
