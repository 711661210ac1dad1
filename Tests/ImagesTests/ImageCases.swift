import Checkpoints
import Foundation
import Images
import TestSupport
import Testing

extension ReferenceCase {
    /// The reference cases about pictures whose `case.json` is of a kind.
    static func images(_ kind: String) -> [ReferenceCase] {
        all("image") { _ in true }.filter { reference in
            (try? reference.json(Kind.self))?.kind == kind
        }
    }

    /// Pictures [height, width, 3] of a file of the case, by name.
    func pictures(_ file: String) throws -> [String: Picture] {
        let tensors = try tensors(file)
        return try Dictionary(
            uniqueKeysWithValues: tensors.views(tensors.names).map { view in
                let picture = Picture(
                    height: view.shape[0],
                    width: view.shape[1],
                    pixels: try view.integers().map(UInt8.init)
                )
                return (view.name, picture)
            }
        )
    }
}

private struct Kind: Decodable {
    let kind: String
}

/// How far the samples of a decoded JPEG file may be from the reference's.
struct SampleTolerance: Decodable {
    let largest: Int
    let mean: Double

    func holds(_ found: [UInt8], _ expected: [UInt8]) -> Bool {
        let differences = zip(found, expected).map { abs(Int($0) - Int($1)) }
        return found.count == expected.count && differences.max() ?? 0 <= largest
            && Double(differences.reduce(0, +)) <= mean * Double(max(differences.count, 1))
    }
}

/// A file of our own fixtures.
func fixture(_ name: String) throws -> [UInt8] {
    let folder = Golden.repository.appending(path: "Tests/Fixtures/image/sources")
    return Array(try Data(contentsOf: folder.appending(path: name)))
}

extension Picture {
    /// Decodes bytes under the name that the messages of the tests have.
    init(_ bytes: [UInt8], limits: PictureLimits = PictureLimits()) throws {
        try self.init(decoding: bytes.span, file: "photo.png", limits: limits)
    }
}
