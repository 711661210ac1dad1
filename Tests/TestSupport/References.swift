public import Checkpoints
public import Foundation
internal import Tensors
public import Testing

/// A directory with one reference case, from beside the project or from its own fixtures.
public struct ReferenceCase: Sendable, CustomTestStringConvertible {
    /// Where its files are.
    public let directory: URL
    /// The name in test output.
    public var testDescription: String {
        "\(directory.deletingLastPathComponent().lastPathComponent)/\(directory.lastPathComponent)"
    }

    /// A file of the case.
    public func file(_ name: String) -> URL { directory.appending(path: name) }

    /// Decodes a JSON file of the case.
    public func json<T: Decodable>(_ type: T.Type, _ name: String = "case.json") throws -> T {
        try JSONDecoder().decode(type, from: Data(contentsOf: file(name)))
    }

    /// A safetensors file of the case.
    public func tensors(_ name: String) throws -> Checkpoint { try Checkpoint(at: file(name)) }

    /// The cases of a kind: our own fixtures, and the reference cases where they are present.
    public static func all(_ kind: String, where isWanted: (String) -> Bool) -> [ReferenceCase] {
        let roots = [Golden.repository.appending(path: "Tests/Fixtures"), Golden.directory]
        return roots.compactMap(\.self).flatMap { root in
            let directory = root.appending(path: kind)
            let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
            return names.sorted().filter(isWanted).map {
                ReferenceCase(directory: directory.appending(path: $0))
            }.filter { FileManager.default.fileExists(atPath: $0.file("case.json").path) }
        }
    }
}

/// How far a number may be from its reference.
public struct Tolerance: Sendable, Decodable {
    /// The part that does not depend on the number.
    public var absolute: Double
    /// The part that is a share of the reference.
    public var relative: Double

    /// A tolerance of both parts.
    public init(absolute: Double, relative: Double = 0) {
        (self.absolute, self.relative) = (absolute, relative)
    }

    /// The largest excess of any element over its tolerance; at most 0 when all agree.
    public func excess(of found: [Float], over expected: [Float]) -> Double {
        guard found.count == expected.count else { return .infinity }
        return zip(found, expected).reduce(-Double.infinity) { worst, pair in
            let difference = abs(Double(pair.0) - Double(pair.1))
            let excess = difference - absolute - relative * abs(Double(pair.1))
            return max(worst, excess.isNaN ? .infinity : excess)
        }
    }
}
