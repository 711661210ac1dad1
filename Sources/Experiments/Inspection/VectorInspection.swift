internal import Foundation
internal import Merging
internal import Presentation

/// A file of a task vector: of what models it is, and how far it is from the truth.
struct VectorInspection: Inspection {
    private struct Entry: Encodable, Sendable {
        let name: String
        let layout: String
        let shape: [Int]
        let relativeError: Double

        enum CodingKeys: String, CodingKey {
            case name, layout, shape
            case relativeError = "relative_error"
        }
    }

    private let path: String
    private let kind = "task_vector"
    private let layout: String
    private let base, expert, baseName, expertName, version: String
    private let norm, relativeError: Double
    private let parameters: [Entry]

    enum CodingKeys: String, CodingKey {
        case path, kind, layout, base, expert, version, norm, parameters
        case baseName = "base_name"
        case expertName = "expert_name"
        case relativeError = "relative_error"
    }

    /// `nil` for a file that holds no task vector, or not all that belongs to one.
    init?(_ url: URL) {
        guard let file = try? TaskVectorFile(contentsOf: url) else { return nil }
        path = url.path
        layout = file.layout
        let provenance = file.provenance
        (base, expert, version) = (provenance.base, provenance.expert, provenance.version)
        (baseName, expertName) = (provenance.baseName, provenance.expertName)
        (norm, relativeError) = (file.norm, file.relativeError)
        parameters = file.names.compactMap { name in
            file.parameters[name].map {
                Entry(
                    name: name,
                    layout: $0.layout.rawValue,
                    shape: $0.shape,
                    relativeError: $0.relativeError
                )
            }
        }
    }

    func text(width: Int?) -> String {
        var facts = Facts()
        facts.add("path", path)
        facts.add("holds", "a task vector: \(layout)")
        facts.add("expert", "\(expertName), SHA-256 \(expert)")
        facts.add("base", "\(baseName), SHA-256 \(base)")
        facts.add("norm", NumberText.significant(norm))
        facts.add("relative error", NumberText.error(relativeError))
        facts.add("made by", "Merganser \(version)")
        var table = TextTable([
            .text("parameter"), .text("layout"), .text("shape"), .number("relative error"),
        ])
        for entry in parameters {
            table.add([
                entry.name, entry.layout, "\(entry.shape)", NumberText.error(entry.relativeError),
            ])
        }
        return facts.text(width: width) + "\n" + table.text(width: width)
    }
}
